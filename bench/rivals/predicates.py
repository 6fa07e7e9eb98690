"""Predicates, which come as JSON (bench/predicates/predicate.ts), as Polars' expressions."""

from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, or_

import polars as pl

COMPARISONS = {"eq": eq, "lt": lt, "le": le, "gt": gt, "ge": ge}


def expression(predicate):
    test = predicate["test"]
    if test in ("and", "or"):
        return reduce(and_ if test == "and" else or_, map(expression, predicate["parts"]))
    column = pl.col(predicate["column"])
    match test:
        case "between":
            return column.is_between(literal(predicate["low"]), literal(predicate["high"]))
        case "in":
            return column.is_in(predicate["values"])
        case "contains":
            return column.str.contains(predicate["text"], literal=True)
        case "startsWith":
            return column.str.starts_with(predicate["text"])
        case "isNull":
            return column.is_null()
        case "below":
            return column < pl.col(predicate["other"])
    return COMPARISONS[test](column, literal(predicate["value"]))


def literal(value):
    if isinstance(value, dict):
        [(kind, text)] = value.items()
        match kind:
            case "decimal":
                value = Decimal(text)
            case "date":
                value = date.fromisoformat(text)
            case "instant":
                value = datetime.fromisoformat(text)
    return pl.lit(value)
