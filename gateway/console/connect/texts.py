"""The texts that a person pastes elsewhere. In each, FORM stands where the form's name goes."""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

from gateway.console.connect.doors import Door
from gateway.settings import is_loopback

#: Where the name of the form goes; a browser puts it in while it is typed.
FORM = "{form}"

#: Stands for what is not shown, or not known yet.
HIDDEN = "…"

_PAGE = """<form>
  <p><label>Name<br><input name="name" autocomplete="name" required></label></p>
  <p><label>WhatsApp number, with its country code<br>
    <input name="phone" type="tel" autocomplete="tel" placeholder="+1 202 555 0143" required></label></p>
  <input name="_gotcha" hidden tabindex="-1" autocomplete="off">
  <button>Send</button>
</form>
<script>
  const form = document.currentScript.previousElementSibling;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await fetch(%s, {
        method: "POST",
        mode: "no-cors",
        body: new URLSearchParams(new FormData(form)),
      });
      form.replaceWith("Thank you. Your message is on its way.");
    } catch {
      alert("That did not work. Please send it again.");
    }
  });
</script>
"""


def address(door: Door, host: str, *, shown: bool) -> str:
    """The address of a way in. `host`: "https://leads.example.com/"; `shown`: with its token."""
    bare = f"{host}hooks/{door.name}" + (f"/{FORM}" if door.guide.by_form else "")
    if not door.token:
        return f"{bare}?token={HIDDEN}" if door.missing and door.guide.by_form else bare
    return f"{bare}?token={quote(door.text(door.token), safe='') if shown else HIDDEN}"


def page(address: str) -> str:
    """A form for a page of one's own, ready to paste."""
    return _PAGE % json.dumps(address, ensure_ascii=False)


def trial(address: str) -> str:
    """A command that plays a visitor."""
    return f"curl '{address}' --data-urlencode 'name=Mira' --data-urlencode 'phone=+12025550143'"


def filled(text: str, form: str) -> str:
    """With the form's name in its place.

    >>> filled("https://leads.example.com/hooks/website/{form}", "Price list")
    'https://leads.example.com/hooks/website/Price%20list'
    """
    return text.replace(FORM, quote(form, safe="") if form else HIDDEN)


def unreachable(host: str) -> str:
    """Why services on the internet cannot post to this address, in a sentence; "" when they can."""
    parts = urlsplit(host)
    if is_loopback(host):
        return (
            f"This page was opened at {parts.netloc}, an address of this machine alone. Facebook, Typeform and pages "
            "on the internet need one that the internet can reach, with https. Open the console at that address: then "
            "all that is shown here is right by itself."
        )
    if parts.scheme != "https":
        return (
            "This page came without https. Services post only to addresses with https, so the gateway needs a proxy "
            f"with a certificate before it. If your browser does show https for {parts.netloc}, the gateway does not "
            "know its proxy yet: set GATEWAY_TRUSTED_PROXIES to the proxy's own address."
        )
    return ""
