"""The command line: the rules, a profile, the records and the keys."""

from __future__ import annotations

import argparse
import sys

from environs import EnvValidationError
from marshmallow import ValidationError

from schemas.faults import flatten
from schemas.json_edge import JsonFault
from service.commands import profiles, records, rules
from service.knowledge.faults import RuleBaseFaults
from service.measures import ProfileFault
from service.records.database import StoreUnavailable
from service.records.migrating import WrongSchema


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 well, 1 what was asked about is at fault, or could not be asked."""
    chosen = parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except RuleBaseFaults as faults:
        print(f"{faults}\n{len(faults.faults)} faults", file=sys.stderr)
    except JsonFault as fault:
        print(f"not readable as JSON: {fault}", file=sys.stderr)
    except ValidationError as error:
        report(flatten(error.messages))
    except ProfileFault as fault:
        report(fault.errors)
    except EnvValidationError as error:
        print("\n".join(f"{name}: {' '.join(faults)}" for name, faults in error.error_messages.items()), file=sys.stderr)
    except WrongSchema as fault:
        print(fault, file=sys.stderr)
    except StoreUnavailable as error:
        print(f"the database does not answer: {type(error.__cause__).__name__}", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="command")
    for topic in (rules, profiles, records):
        topic.add(commands)
    return top


def report(errors: list[dict[str, str]]) -> None:
    for error in errors:
        print(f"{error['pointer']}: {error['message']} [{error['code']}]", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
