"""A first mapping, written from the leads that a form sent already."""

from gateway.mapping.starter.seen import Form, Given, example, look
from gateway.mapping.starter.spelling import in_file_name, sayable
from gateway.mapping.starter.taken import campaigns, is_for, named
from gateway.mapping.starter.text import First, Wanted, first_mapping

__all__ = [
    "First",
    "Form",
    "Given",
    "Wanted",
    "campaigns",
    "example",
    "first_mapping",
    "in_file_name",
    "is_for",
    "look",
    "named",
    "sayable",
]
