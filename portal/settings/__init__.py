"""Settings: ``base`` is shared; pick ``development``, ``production`` or ``testing``."""
