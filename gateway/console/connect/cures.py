"""What a person does about a request that was turned away, by its cause."""

from __future__ import annotations

from collections.abc import Mapping

_AGAIN = "Copy the address from this page once more, to its very end."

_CURES: Mapping[str, str] = {
    "no token": f"The address it was posted to misses what comes after `?token=`. {_AGAIN}",
    "wrong token": f"What stands after `?token=` is not our token; perhaps it was cut, or replaced since. {_AGAIN}",
    "no signature": "The request was not signed: the service has not been given its secret yet.",
    "wrong signature": "The secret there and the one here differ, or a proxy on the way rewrites what is posted.",
    "no challenge": "Somebody opened the address by hand. Meta's own check brings a number to send back.",
    "settings missing": "A setting is missing here, so nothing could be taken. This page says which.",
    "empty body": "Nothing was in it. If a plugin sent it, choose the fields that it sends.",
    "wrong method": "It was opened or sent in another way than POST. In the service, choose the method POST.",
    "too large": "It was larger than this gateway takes; GATEWAY_MAX_BODY is the limit.",
}

_OF_FACEBOOK: Mapping[str, str] = {
    "no token": "Somebody opened the address by hand. Meta's own check brings the verify token.",
    "wrong token": "The verify token in Meta's webhook form is another one than ours. Copy it once more.",
    "wrong signature": "FACEBOOK_APP_SECRET is the secret of another app, or a proxy rewrites what is posted.",
}


def cure(source: str, cause: str) -> str:
    """What to do, in a sentence or two; "" for a cause that is not known here."""
    own = _OF_FACEBOOK if source == "facebook" else {}
    return own.get(cause) or _CURES.get(cause, "")
