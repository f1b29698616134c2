"""The command line: the rules, a profile, the records and the keys."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import cast

from environs import EnvValidationError
from marshmallow import ValidationError

from schemas.faults import FieldError, flatten
from schemas.json_edge import JsonFault
from service.knowledge.faults import RuleBaseFaults
from service.measures import ProfileFault
from service.records.form import WrongSchema
from service.records.store import StoreUnavailable

# What concerns the store alone is asked without loading the engine: a record must be checkable so, and each start migrates.
OF_THE_STORE = {
    "migrate": "records", "checkpoint": "records", "backup": "records", "verify": "checking", "export": "checking",
    "erase": "erasing", "retain": "erasing", "keys": "keys",
}  # fmt: skip
TOPICS = ("rules", "profiles", "records", "checking", "erasing", "keys")
UNREADABLE = 2  # as argparse ends where it cannot read the command line


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 well, 1 what was asked about is at fault, or could not be asked, 2 a file that cannot be read."""
    arguments = sys.argv[1:] if arguments is None else arguments
    chosen = parser(topics(arguments[:1])).parse_args(arguments)
    try:
        status: int = chosen.run(chosen)
        return status
    except RuleBaseFaults as faults:
        print(f"{faults}\n{len(faults.faults)} faults", file=sys.stderr)
    except JsonFault as fault:
        print(f"not readable as JSON: {fault}", file=sys.stderr)
    except ValidationError as error:
        report(flatten(error.messages))
    except ProfileFault as fault:
        report(fault.errors)
    except EnvValidationError as error:
        by_name = cast("Mapping[str, list[str]]", error.error_messages)  # a list only where a single setting is read
        print("\n".join(f"{name}: {' '.join(faults)}" for name, faults in by_name.items()), file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or 'a file'}: {error.strerror}", file=sys.stderr)
        return UNREADABLE
    except WrongSchema as fault:
        print(fault, file=sys.stderr)
    except StoreUnavailable as error:
        print(f"the database does not answer: {type(error.__cause__).__name__}", file=sys.stderr)
    return 1


def parser(topics: Iterable[ModuleType]) -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="command")
    for topic in topics:
        topic.add(commands)
    return top


def topics(command: list[str]) -> list[ModuleType]:
    """The module of a command of the store; of any other all of them, for the help."""
    names = [OF_THE_STORE[one] for one in command if one in OF_THE_STORE] or TOPICS
    return [import_module(f"service.commands.{name}") for name in names]


def report(errors: list[FieldError]) -> None:
    for error in errors:
        print(f"{error['pointer']}: {error['message']} [{error['code']}]", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
