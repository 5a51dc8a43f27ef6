"""Pure decisions of application maintenance."""
