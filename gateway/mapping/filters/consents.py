"""The filter that reads yes and no, as people and forms say them."""

from __future__ import annotations

from gateway.mapping.filters.registry import register
from gateway.mapping.names import normal

_TICKS = frozenset("✓✔☑✅")
_CROSSES = frozenset("✗✘❌☒")
#: Each as `normal` has it: small letters, words joined with "_".
_YES = frozenset(
    {
        *("yes", "y", "yeah", "yep", "yup", "true", "1", "on", "checked", "ticked", "selected", "ok", "okay", "sure"),
        *("agree", "agreed", "i_agree", "yes_i_agree", "accept", "accepted", "i_accept", "yes_i_accept"),
        *("yes_please", "of_course", "definitely", "haan", "haa", "ji_haan", "haan_ji"),
        *("ja", "oui", "si", "sí", "sim", "да", "نعم", "是"),
        *("हाँ", "हां", "हा", "जी", "जी_हाँ", "जी_हां", "हाँ_जी", "हां_जी", "हो", "होय", "હા", "ਹਾਂ", "ਹਾਂ_ਜੀ", "হ্যাঁ", "হাঁ", "ହଁ"),
        *("ஆம்", "ஆமாம்", "అవును", "ಹೌದು", "അതെ", "ہاں", "جی", "جی_ہاں"),
    }
)
_NO = frozenset(
    {
        *("no", "n", "nope", "false", "0", "off", "unchecked", "unticked", "never", "not_now", "no_thanks"),
        *("no_thank_you", "disagree", "i_disagree", "i_do_not_agree", "i_don_t_agree", "decline", "declined"),
        *("i_decline", "i_do_not_accept", "i_don_t_accept", "not_interested", "nahi", "nahin", "nahi_ji", "ji_nahi"),
        *("nee", "nein", "non", "não", "nao", "нет", "لا", "否"),
        *("नहीं", "नही", "ना", "जी_नहीं", "नाही", "નહીં", "નહી", "ના", "ਨਹੀਂ", "না", "ନା", "ନାହିଁ"),
        *("இல்லை", "లేదు", "కాదు", "ಇಲ್ಲ", "ഇല്ല", "അല്ല", "نہیں", "نہ"),
    }
)
_YES_WORDS, _NO_WORDS = (frozenset(map(normal, words)) for words in (_YES, _NO))


@register()
def yes_no(text: str) -> str:
    """Writes yes or no, however a form or a person says it; empty for anything else.

    >>> yes_no("TRUE")
    'yes'
    >>> yes_no("I agree.")
    'yes'
    >>> yes_no("नहीं")
    'no'
    >>> yes_no("0")
    'no'
    >>> yes_no("maybe later")
    ''
    """
    said, sign = normal(text), text.strip()[:1]
    if said in _YES_WORDS or (not said and sign in _TICKS):
        return "yes"
    return "no" if said in _NO_WORDS or (not said and sign in _CROSSES) else ""
