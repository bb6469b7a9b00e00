"""Our stand-in for AiSensy and Graph, over real HTTP. It sends nothing."""
