"""Request → Event → Leads: one file a source. A source asks the network only in `fetch`."""
