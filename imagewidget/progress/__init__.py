"""Events and the state they add up to: pure code, without threads, Docker or widgets."""
