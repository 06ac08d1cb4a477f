# The module classes.
from torch.nn.modules.module import (
    Module)
from torch.nn.modules.container import (
    Container, ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential)
from torch.nn.modules.linear import (
    Bilinear, Identity, LazyLinear, Linear, NonDynamicallyQuantizableLinear)
from torch.nn.modules.normalization import (
    BatchNorm1d, BatchNorm2d, BatchNorm3d, CrossMapLRN2d, GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, LayerNorm,
    LocalResponseNorm, RMSNorm, SyncBatchNorm)
from torch.nn.modules.conv import (
    Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)
from torch.nn.modules.simple import (
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d, AlphaDropout,
    AvgPool1d, AvgPool2d, AvgPool3d, BCELoss, BCEWithLogitsLoss, CELU, CTCLoss, CircularPad1d, CircularPad2d, ConstantPad1d,
    ConstantPad2d, ConstantPad3d, CosineSimilarity, CrossEntropyLoss, Dropout, Dropout1d, Dropout2d, Dropout3d, ELU,
    FeatureAlphaDropout, Flatten, Fold, GELU, GLU, Hardsigmoid, Hardswish, Hardtanh, HuberLoss, KLDivLoss, L1Loss, LeakyReLU,
    LogSigmoid, LogSoftmax, MSELoss, MaxPool1d, MaxPool2d, MaxPool3d, Mish, NLLLoss, PReLU, PairwiseDistance, PixelShuffle,
    PixelUnshuffle, ReLU, ReLU6, ReflectionPad1d, ReflectionPad2d, ReflectionPad3d, ReplicationPad1d, ReplicationPad2d,
    ReplicationPad3d, SELU, SiLU, Sigmoid, SmoothL1Loss, Softmax, Softmax2d, Softmin, Softplus, Softsign, Tanh, Tanhshrink, Threshold,
    Unflatten, Unfold, Upsample, UpsamplingBilinear2d, UpsamplingNearest2d, ZeroPad1d, ZeroPad2d, ZeroPad3d)
from torch.nn.modules.sparse import (
    Embedding, EmbeddingBag)
from torch.nn.modules.recurrent import (
    GRU, GRUCell, LSTM, LSTMCell, RNN, RNNBase, RNNCell, RNNCellBase)
from torch.nn.modules.attention import (
    MultiheadAttention, Transformer, TransformerDecoder, TransformerDecoderLayer, TransformerEncoder, TransformerEncoderLayer)

from torch.nn.modules import module  # noqa: E402,F401
