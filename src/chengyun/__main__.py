"""`python -m chengyun` is the `chengyun` command."""

from chengyun.server.command import main

main()
