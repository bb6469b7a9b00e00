"""What may stand where somebody is typing: keys, words, `$names`, filters, and what forms really sent."""

from gateway.mapping.completing.offers import Entry, Known, Offered, offer
from gateway.mapping.completing.outline import Outline

__all__ = ["Entry", "Known", "Offered", "Outline", "offer"]
