"""The words by which a person says: write to me no more. The list is ours, and a setting adds to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: A reply opts out when it is one of these and nothing else: "please stop by tomorrow" does not.
#: Words that say something else among other people are not here: "cancel" may be about a visit, "acha" is a yes
#: in Hindi, "alto" a car.
WORDS = (
    # English
    *("stop", "stop all", "stop it", "stop this", "stop now", "please stop", "pls stop", "stop please"),
    *("stop promotions", "stop messages", "stop messaging", "stop messaging me", "stop sending messages"),
    *("stop promotional messages", "stop marketing", "stop updates", "stop ads", "stop whatsapp"),
    *("unsubscribe", "unsubscribe me", "un subscribe", "unsub", "opt out", "optout", "opt me out"),
    *("do not message me", "dont message me", "do not message", "dont message", "do not disturb", "dnd"),
    *("do not contact me", "dont contact me", "remove me", "remove my number", "no more messages"),
    *("not interested stop", "cancel subscription", "block promotions"),
    # Hindi and Marathi, in their script and as people type them
    *("रोको", "रोकें", "रोक दो", "बंद करो", "बंद करें", "बंद कर दो", "बन्द करो", "बन्द करें", "बंद", "स्टॉप", "स्टाप"),
    *("संदेश बंद करें", "मैसेज बंद करो", "मैसेज मत भेजो", "मैसेज मत करो", "मत भेजो", "सदस्यता समाप्त करें"),
    *("band karo", "band kro", "bandh karo", "band kar do", "band karein", "message band karo", "msg band karo"),
    *("message mat karo", "msg mat karo", "message mat bhejo", "msg mat bhejo", "mat bhejo", "roko"),
    *("बंद करा", "थांबवा", "मेसेज बंद करा", "संदेश थांबवा", "मेसेज पाठवू नका", "band kara", "thambva", "thambava"),
    # Tamil, Telugu, Kannada, Malayalam
    *("நிறுத்து", "நிறுத்தவும்", "நிறுத்துங்கள்", "ஸ்டாப்", "niruthu", "niruthavum", "niruthunga"),
    *("ఆపు", "ఆపండి", "ఆపివేయి", "ఆపివేయండి", "స్టాప్", "aapandi", "apandi", "aapu"),
    *("ನಿಲ್ಲಿಸಿ", "ನಿಲ್ಲಿಸು", "ಸ್ಟಾಪ್", "nillisi", "nillisu"),
    *("നിർത്തുക", "നിർത്തൂ", "നിര്‍ത്തുക", "നിർത്ത്", "സ്റ്റോപ്പ്", "nirthuka", "nirthu"),
    # Bengali, Gujarati, Punjabi, Odia, Urdu
    *("বন্ধ করুন", "বন্ধ করো", "বন্ধ কর", "থামুন", "থামাও", "স্টপ", "bondho korun", "bondho koro"),
    *("બંધ કરો", "બંધ", "રોકો", "સ્ટોપ", "bandh karo", "મેસેજ બંધ કરો"),
    *("ਬੰਦ ਕਰੋ", "ਰੋਕੋ", "ਸਟਾਪ", "ବନ୍ଦ କରନ୍ତୁ", "بند کرو", "بند کریں", "روکو", "میسج بند کرو"),
    # Arabic, Persian, Turkish
    *("توقف", "قف", "أوقف", "اوقف", "إيقاف", "ايقاف", "إلغاء الاشتراك", "الغاء الاشتراك"),
    *("توقف کن", "لغو اشتراک", "durdur", "abonelikten çık", "mesaj atma"),
    # Spanish, Portuguese, French, German, Italian, Dutch
    *("parar", "detener", "baja", "darme de baja", "darse de baja", "cancelar suscripción"),
    *("no más mensajes", "no enviar más", "sair", "descadastrar", "cancelar inscrição", "remover"),
    *("não quero receber", "parar mensagens", "arrêt", "arret", "arrêter", "arrêtez", "stopper", "désabonner"),
    *("se désabonner", "me désabonner", "désinscription", "désinscrire", "stopp", "abmelden", "abbestellen"),
    *("keine nachrichten mehr", "austragen", "ferma", "basta", "annulla iscrizione", "disiscrivimi"),
    *("cancellami", "afmelden", "uitschrijven"),
    # Indonesian and Malay, Filipino, Russian, Vietnamese, Thai, Chinese
    *("berhenti", "hentikan", "berhenti langganan", "berhenti berlangganan", "tigil", "itigil"),
    *("стоп", "отписаться", "отпишите меня", "отписка", "dừng", "dừng lại", "hủy đăng ký"),
    *("หยุด", "停止", "退订", "退訂", "取消订阅", "取消訂閱"),
)


def plain(text: str) -> str:
    """A text without case, punctuation and pictures, as replies are compared.

    >>> plain("  STOP!! 🛑 "), plain("Opt-out."), plain("Don’t message me")
    ('stop', 'opt out', 'dont message me')
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(_kept(sign) for sign in folded.replace("ı", "i").replace("i\u0307", "i"))  # Turkish capitals
    return " ".join(kept.split())


def _kept(sign: str) -> str:
    """Letters, their marks and digits stay; what only steers their look, and apostrophes, go; all else parts words."""
    if sign in "'’‘`" or unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f":
        return ""
    return sign if unicodedata.category(sign)[0] in "LMN" else " "


class OptOut:
    """Whether a reply opts out."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        """`more`: words of one's own, beside those above."""
        self._words = frozenset(filter(None, map(plain, (*WORDS, *more))))

    def says(self, reply: str) -> bool:
        """Whether this reply, taken whole, is one of the words.

        >>> OptOut().says("Stop."), OptOut().says("please stop by tomorrow"), OptOut(["no thanks"]).says("No, thanks")
        (True, False, True)
        """
        return plain(reply) in self._words
