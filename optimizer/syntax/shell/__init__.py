"""The POSIX shell language inside RUN, CMD, ENTRYPOINT, HEALTHCHECK and heredocs."""

from optimizer.syntax.shell.reader import read_script
from optimizer.syntax.shell.script import Command, Redirect, Script, Step, Word, exec_script

__all__ = ["Command", "Redirect", "Script", "Step", "Word", "exec_script", "read_script"]
