"""Lead → Plan. Pure: no clock, no network, no store; the same lead and mapping give the same plan."""
