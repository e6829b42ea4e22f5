"""/settings panel: everything at a glance in one message, and controls to change it."""
