// The other side is a Python program in this file; a call and its answer are a line of JSON each.
#include "core/cuda/torch_reference.h"

#include <limits>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

using nlohmann::json;

namespace kdex::cuda {

namespace {

const char* const kWork = R"py(def reference(call, arguments):
    """The outputs, in float64 where the reference bears it."""
    text = call["reference"]
    wide = re.sub(r"\.float\(\)", ".double()", text.replace("torch.float32", "torch.float64"))
    plain = (torch.float16, torch.bfloat16, torch.float32)
    floats = sum(a.numel() for a in arguments if torch.is_tensor(a) and a.dtype in plain)
    raised = arguments
    if floats <= 1 << 30:
        raised = [a.double() if torch.is_tensor(a) and a.dtype in plain else a for a in arguments]
    failure = None
    for source, given in ((wide, raised), (wide, arguments), (text, arguments)):
        try:
            scope = {"__name__": "reference"}
            exec(compile(source, "reference.py", "exec"), scope)
            with torch.no_grad():
                out = scope["run"](*given)
            if isinstance(out, dict):
                out = [out[name] for name in call["outputs_order"]]
            return list(out) if isinstance(out, (tuple, list)) else [out]
        except out_of_memory:
            raise
        except Exception as e:  # the first way's failure is the least telling
            failure = e
    raise failure


def compare(got, want):
    if tuple(want.shape) != tuple(got.shape):
        raise ValueError(f"it gives the shape {tuple(want.shape)}, not {tuple(got.shape)}")
    got, want = got.reshape(-1), want.reshape(-1).to(device)
    difference = size = absolute = relative = 0.0
    finite, step, zeros = True, 1 << 24, True
    for at in range(0, got.numel(), step):
        g, w = got[at : at + step].to(torch.float64), want[at : at + step].to(torch.float64)
        zeros = zeros and not bool(w.any())
        g, w = torch.where(torch.isinf(w) & (g == w), 0.0, g), torch.where(torch.isinf(w) & (g == w), 0.0, w)
        finite = finite and bool(torch.isfinite(g).all())
        d = (g - w).abs()
        difference += float((d * d).sum())
        size += float((w * w).sum())
        absolute = max(absolute, float(d.max()))
        relative = max(relative, float((d / (w.abs() + 1e-8)).max()))
    number = lambda x: x if x == x and abs(x) != float("inf") else None
    return {"finite": finite, "zeros": zeros, "compared": got.numel(), "frobenius": number((difference / size if size > 0 else difference) ** 0.5),
            "absolute": number(absolute), "relative": number(relative)}


def work(call, opened):
    arguments = [x["value"] if "value" in x else tensor(x, opened) for x in call["inputs"]]
    got = [tensor(x, opened) for x in call["outputs"]]
    call["outputs_order"] = [x["name"] for x in call["outputs"]]
    want = reference(call, arguments)
    if len(want) != len(got):
        raise ValueError(f"it gives {len(want)} outputs, not {len(got)}")
    return {"outputs": [compare(g, w if torch.is_tensor(w) else torch.tensor(w)) for g, w in zip(got, want)]}


)py";

}  // namespace

TorchReference::TorchReference(const std::string& folder) : process_(folder, kWork) {}

std::vector<Deviation> TorchReference::compare(const Definition& d,
                                               const std::vector<SharedTensor>& inputs,
                                               const std::map<std::string, double>& scalars,
                                               const std::vector<SharedTensor>& got) {
  json out = process_.ask({{"reference", d.reference},
                           {"inputs", process_.inputs(d, inputs, scalars)},
                           {"outputs", process_.outputs(got)}});
  if (out.contains("error"))
    throw Error(out["error"].get<std::string>(), d.name + ": its reference failed under python3");
  std::vector<Deviation> all;
  for (const auto& x : out.at("outputs")) {
    auto number = [&](const char* name) {
      return x.at(name).is_number() ? x.at(name).get<double>()
                                    : std::numeric_limits<double>::quiet_NaN();
    };
    Deviation v;
    v.frobenius = number("frobenius"), v.max_absolute = number("absolute"),
    v.max_relative = number("relative");
    v.finite = x.at("finite").get<bool>();
    v.size = x.at("zeros").get<bool>() ? 0 : 1;
    v.compared = x.at("compared").get<std::size_t>();
    all.push_back(v);
  }
  return all;
}

}  // namespace kdex::cuda
