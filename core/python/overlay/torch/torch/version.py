# The release that is simulated.
from torch._platform import facts as _facts

__version__ = _facts["torch_version"]
debug = False
cuda = _facts["cuda_version"]
git_version = ""
hip = _facts["hip_version"]
rocm = None
xpu = None
