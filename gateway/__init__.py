"""Lead gateway: from a lead form to the right WhatsApp campaign call, exactly as promised."""

__version__ = "0.1.0"
