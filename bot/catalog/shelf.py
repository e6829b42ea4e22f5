"""The models in force, which whoever holds the catalog reads through."""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView

from bot.catalog.types import Model


class Shelf(Mapping[str, Model]):
    """Models by model_id. `put` exchanges them all at once; a loop under way keeps the old ones."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models

    def put(self, models: Mapping[str, Model]) -> None:
        """Put these models in force."""
        self._models = models

    def __getitem__(self, model_id: str) -> Model:
        return self._models[model_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def values(self) -> ValuesView[Model]:
        """Give the models in force now."""
        return self._models.values()

    def items(self) -> ItemsView[str, Model]:
        """Give ids and models in force now."""
        return self._models.items()
