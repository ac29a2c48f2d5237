# Copyright 2026 triplenet_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""The command ``triplenet``: one subcommand per file of this folder."""

import argparse
from contextlib import suppress
import importlib
import logging
import sys
from typing import Optional, Sequence

from triplenet_ros import __version__
from triplenet_ros.cli.missed import Missed
from triplenet_ros.cli.streams import drop, flush_error, prepare_streams, say_error
from triplenet_ros.errors import InputError
from triplenet_ros.interrupt import ends_as_interrupts
from triplenet_ros.leaving import leave
from triplenet_ros.log import log_shown_by
from triplenet_ros.missing import explain_import_error
from triplenet_ros.printable import printable

COMMANDS = ('demo', 'predict', 'record', 'replay', 'replay_all', 'score', 'compare', 'train',
            'evaluate', 'export', 'bench', 'models')


class _Parser(argparse.ArgumentParser):
    """Reports bad usage as every other bad input: one line, exit 2."""

    def error(self, message: str) -> None:
        raise InputError(f'{message} (see {self.prog} --help)')


class _OneLine(logging.Formatter):
    """Keeps names that come from files from doing anything to a terminal."""

    def format(self, record: logging.LogRecord) -> str:  # noqa: A003
        return printable(super().format(record))


def command() -> int:
    """Be the process ``triplenet``; return its exit status, as ``main`` does."""
    return leave(main())


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """
    Run one command.

    :param arguments: in place of the command line's
    :return: 0 on success, 1 if a result is not what was asked for, 2 for bad input or what cannot
        be written, 130 after Ctrl-C, SIGTERM or SIGHUP
    """
    prepare_streams()
    try:
        with ends_as_interrupts():
            code = _run(arguments)
    except SystemExit:  # after --help
        if not _is_told():
            raise SystemExit(2) from None
        raise
    finally:
        flush_error()
    return code if _is_told() else code or 2


def _is_told() -> bool:
    """Complete standard output; return False, and say it, where that is not possible."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        drop(sys.stdout)
    except OSError as error:
        drop(sys.stdout)
        say_error(f'standard output cannot be written: {error.strerror}')
        return False
    return True


def _run(arguments: Optional[Sequence[str]]) -> int:
    try:
        args = _make_parser().parse_args(arguments)
        with log_shown_by(_on_standard_error()):
            args.run(args)
    except Missed as missed:
        return _missed(missed)
    except InputError as error:
        say_error(str(error))
        return 2
    except ImportError as error:
        say_error(explain_import_error(error))
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        pass
    except OSError as error:
        return _failed(error)
    return 0


def _failed(error: OSError) -> int:
    """Tell what failed outside of the program: disks, networks and permissions do so anywhere."""
    if error.filename is None and not _is_told():
        return 2
    named = 'input or output' if error.filename is None else error.filename
    say_error(printable(f'{named}: {error.strerror or error}'))
    return 2


def _missed(missed: Missed) -> int:
    if not _is_told():
        return 2
    with suppress(OSError):
        print(missed, file=sys.stderr)
    return 1


def _on_standard_error() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    return handler


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog='triplenet', description='Boxes and labels of road scenes from one '
                                                   'forward pass of one network.')
    parser.add_argument('--version', action='version', version=f'triplenet {__version__}')
    commands = parser.add_subparsers(metavar='COMMAND', required=True)
    for name in COMMANDS:
        command = importlib.import_module(f'triplenet_ros.cli.{name}')
        subparser = commands.add_parser(command.NAME, help=command.HELP,
                                        description=command.HELP)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser
