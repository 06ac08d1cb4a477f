# Types of annotations.
from typing import Any, Dict, List, Optional, Tuple, Union  # noqa: F401
