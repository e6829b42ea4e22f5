"""A loopback Discord for demos, end-to-end tests and load runs."""

from playground.calls import Recorded
from playground.channels import Channel
from playground.faults import Fault
from playground.guilds import Guild, Member, Role
from playground.interactions import Choice, Interaction, Modal
from playground.messages import Attachment, File, Message
from playground.people import Person
from playground.server import Playground
from playground.state import Ping
from playground.users import User

__all__ = [
    "Attachment",
    "Channel",
    "Choice",
    "Fault",
    "File",
    "Guild",
    "Interaction",
    "Member",
    "Message",
    "Modal",
    "Person",
    "Ping",
    "Playground",
    "Recorded",
    "Role",
    "User",
]
