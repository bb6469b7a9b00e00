"""A mapping, and changes of it: what the tests of `gateway diff` compare."""

from __future__ import annotations

from harness import mapping

#: The city stands in the message, with a word for those who gave none.
WITH_DEFAULT = mapping(campaign="price_list", params="$name $city").replace(
    "city: city", "city:\n    from: city\n    default: our city"
)
OTHER_DEFAULT = WITH_DEFAULT.replace("default: our city", "default: your city")

#: A rule for each thing that may become of a lead.
KINDS = WITH_DEFAULT.replace(
    "rules:\n",
    """rules:
  - name: Goa
    when:
      city: Goa
    call:
      campaignName: site_visit_followup
      destination: $phone
      templateParams:
        - $name
        - $city
  - name: Delhi
    when:
      city: Delhi
    skip: we are not there
  - name: Surat
    when:
      city: Surat
    skip: too far
""",
)
CHANGED_KINDS = (
    KINDS.replace("site_visit_followup", "goa_villas_priority")
    .replace("city: Delhi", "city: Pune")
    .replace("too far", "far away")
)
