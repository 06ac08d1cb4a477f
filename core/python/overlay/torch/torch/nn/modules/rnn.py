# Recurrent modules: their parameters and output shapes.
from torch._elementwise import blank
from torch._factories import empty
from torch._storage import Size
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


class RNNBase(Module):
    def __init__(
        self,
        mode,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        device=None,
        dtype=None,
    ):
        super().__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        directions = 2 if bidirectional else 1
        gates = (4 if mode == "LSTM" else 3 if mode == "GRU" else 1) * hidden_size
        real = proj_size if proj_size > 0 else hidden_size
        self._flat_weights_names = []
        self._all_weights = []
        for layer in range(num_layers):
            for direction in range(directions):
                tail = "_l%d%s" % (layer, "_reverse" if direction else "")
                inputs = input_size if layer == 0 else real * directions
                names = ["weight_ih" + tail, "weight_hh" + tail]
                shapes = [(gates, inputs), (gates, real)]
                if bias:
                    names += ["bias_ih" + tail, "bias_hh" + tail]
                    shapes += [(gates,), (gates,)]
                if proj_size > 0:
                    names.append("weight_hr" + tail)
                    shapes.append((proj_size, hidden_size))
                for name, shape in zip(names, shapes):
                    setattr(self, name, Parameter(empty(shape, device=device, dtype=dtype)))
                self._flat_weights_names.extend(names)
                self._all_weights.append(names)

    def flatten_parameters(self):
        return None

    def reset_parameters(self):
        return None

    @property
    def all_weights(self):
        return [[getattr(self, n) for n in names] for names in self._all_weights]

    def forward(self, input, hx=None):
        directions = 2 if self.bidirectional else 1
        real = self.proj_size if self.proj_size > 0 else self.hidden_size
        out = blank(input.shape[:-1] + (real * directions,), input.dtype, input.device)
        lead = (self.num_layers * directions,)
        batch = (
            tuple(input.shape[0:1] if self.batch_first else input.shape[1:2])
            if len(input.shape) == 3
            else ()
        )
        h = blank(Size(lead + batch + (real,)), input.dtype, input.device)
        if self.mode == "LSTM":
            return out, (
                h,
                blank(Size(lead + batch + (self.hidden_size,)), input.dtype, input.device),
            )
        return out, h

    def extra_repr(self):
        s = "%s, %s" % (self.input_size, self.hidden_size)
        if self.proj_size != 0:
            s += ", proj_size=%s" % self.proj_size
        if self.num_layers != 1:
            s += ", num_layers=%s" % self.num_layers
        if self.bias is not True:
            s += ", bias=%s" % self.bias
        if self.batch_first is not False:
            s += ", batch_first=%s" % self.batch_first
        if self.dropout != 0:
            s += ", dropout=%s" % self.dropout
        if self.bidirectional is not False:
            s += ", bidirectional=%s" % self.bidirectional
        return s


class RNN(RNNBase):
    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", **kwargs):
        self_mode = "RNN_TANH" if nonlinearity == "tanh" else "RNN_RELU"
        super().__init__(self_mode, input_size, hidden_size, num_layers, **kwargs)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)


class GRU(RNNBase):
    def __init__(self, *args, **kwargs):
        super().__init__("GRU", *args, **kwargs)


class RNNCellBase(Module):
    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        n = num_chunks * hidden_size
        self.weight_ih = Parameter(empty((n, input_size), device=device, dtype=dtype))
        self.weight_hh = Parameter(empty((n, hidden_size), device=device, dtype=dtype))
        if bias:
            self.bias_ih = Parameter(empty(n, device=device, dtype=dtype))
            self.bias_hh = Parameter(empty(n, device=device, dtype=dtype))
        else:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)

    def extra_repr(self):
        return "%s, %s%s" % (
            self.input_size,
            self.hidden_size,
            "" if self.bias is True else ", bias=%s" % self.bias,
        )


class RNNCell(RNNCellBase):
    def __init__(
        self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None
    ):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity


class LSTMCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)


class GRUCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)
