"""Operations while they run."""
