// A form: what one kind of kernel is, declared once as plain data with few functions. Its name,
// tags, axes, tensors, reference, workloads, tolerance, formula and plan belong together here; the
// core knows all of it from this declaration and no form by name.
//
//   const Form silu{
//       .id = "silu",
//       .op_type = "activation",
//       .name = {"silu_i{width}"},
//       .params = {form::size("width"), form::dtype("dtype"), form::model()},
//       .tags = {"status:unverified", "model:{model}"},
//       .axes = {form::var("rows"), form::constant("width")},
//       .inputs = {form::tensor("x", {"rows", "width"}, "{dtype}")},
//       .outputs = {form::tensor("y", {"rows", "width"}, "{dtype}")},
//       .reference = kdex_reference::silu,
//       .workloads = sdk::rows("rows", {1, 7, 64, 1000, 8192}),
//       .plan = plan_silu,
//   };
//
// `write` and `read` of <kdex/form_definition.h> turn parameters into a Definition and back.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/chip.h>
#include <kdex/definition.h>
#include <kdex/formula.h>
#include <kdex/kernel_plan.h>
#include <kdex/params.h>
#include <kdex/workload.h>

namespace kdex {

/// A text that is there under a condition: a piece of a name, a tag, a constraint. A pattern with a
/// parameter that may be absent and has no value is left out.
struct Part {
  Text text;
  Condition when;
  Part(const char* pattern) : text(pattern) {}
  Part(Text text_, Condition when_ = {}) : text(std::move(text_)), when(std::move(when_)) {}
};

/// An axis of a form: variable, or constant with the value of a parameter or of a rule.
struct FormAxis {
  std::string name;
  std::string description;
  bool variable = true;
  std::string param;  ///< constant: the parameter; with `value`: the one whose origin it has
  std::function<std::int64_t(const Params&)> value;  ///< constant: follows from parameters
  std::string rule;     ///< how it follows ("hidden_size / 128"), or what constant it is
  std::string setting;  ///< the deployment's setting that the parameter is
  /// Variable: its size in the workload number `index` where the case does not give one.
  std::function<std::int64_t(const Params&, std::size_t index)> size;
  Condition when;

  FormAxis optional(Condition c) && {
    when = std::move(c);
    return std::move(*this);
  }
  FormAxis sized(std::function<std::int64_t(const Params&, std::size_t)> rule_) && {
    size = std::move(rule_);
    return std::move(*this);
  }
};

/// A tensor or scalar of a form, and what its workloads hold.
struct FormTensor {
  std::string name;
  std::optional<std::vector<std::string>> shape;  ///< axis names; unset: scalar
  Text dtype;
  std::string description;
  Condition when;
  Fill fill;                                   ///< input: content that is stored; else random
  std::function<double(const Params&)> value;  ///< scalar: its value in workloads; else 1
  IndexRule index;                             ///< input: what stored indices must hold
  double tolerance = 0;                        ///< output: its own tolerance; 0: the form's

  FormTensor optional(Condition c) && {
    when = std::move(c);
    return std::move(*this);
  }
  FormTensor filled(Fill f) && {
    fill = std::move(f);
    return std::move(*this);
  }
  FormTensor valued(std::function<double(const Params&)> v) && {
    value = std::move(v);
    return std::move(*this);
  }
  FormTensor indexes(IndexRule::Kind kind, std::string axis) && {
    index = {kind, std::move(axis)};
    return std::move(*this);
  }
  FormTensor within(double limit) && {
    tolerance = limit;
    return std::move(*this);
  }
};

/// A line `NAME = value  # kdex:constant` of the reference template, and the value's text. With one
/// parameter it is read back from a definition's reference.
struct FormConstant {
  std::string name;
  Text value;
};

/// A note for the report on a definition; `names_it`: the definition's name is its last word.
struct Remark {
  Text text;
  Condition when;
  bool names_it = false;
};

/// See the head of this file. Members that are left out: no such part.
struct Form {
  std::string id;       ///< unique in its family: "paged_decode"
  std::string dialect;  ///< "official" or "fi_trace"; empty: the form is the same in both
  std::string op_type;
  std::vector<Part> name;  ///< joined
  /// Top-level keys of the JSON file in their order; empty: definition.h's default.
  std::vector<std::string> key_order;
  std::vector<Param> params;
  std::vector<Part> tags;
  std::vector<Part> description;  ///< joined
  std::vector<FormAxis> axes;
  std::vector<Part> constraints;
  std::vector<FormTensor> inputs, outputs;  ///< inputs in calling order
  std::string_view reference;               ///< the template; a family's generated references.h
  std::vector<FormConstant> constants;
  std::vector<Remark> remarks;  ///< notes for the report on each definition that is found
  /// Facts of a module (and attributes that no fact tells) that the form or its family's matcher
  /// looks at. A module that differs in another from what its class is by default
  /// (Module::departures) gives no definition of this form.
  std::vector<std::string> covers;
  Workloads workloads;
  /// Greatest relative Frobenius error of an output. 0: by the inputs' dtypes, 5e-2 with any
  /// float8, 1e-4 where all are float32, 1e-2 else.
  double tolerance = 0;
  Formula formula;
  /// Bytes of the inputs that a call with these does not read: weights of experts that no token
  /// takes. Tensors over 64 MiB come without their bytes. None: it reads all.
  std::function<double(const Params& params, const CallInputs& inputs)> unread;
  /// How a kernel computes it on `chip`; not available: `why_not` is one line. `tuning`: constants
  /// that somebody set in place of the planner's choice.
  std::function<KernelPlan(const Params& params, const Chip& chip, const Tuning& tuning)> plan;

  const Param* param(std::string_view wanted) const {
    for (const auto& p : params)
      if (p.name == wanted) return &p;
    return nullptr;
  }
};

namespace form {

/// A positive integer with an origin in the model: what a constant axis holds.
inline Param size(std::string name) {
  return {std::move(name), Param::Kind::size, {}, false, {}, {}};
}
inline Param integer(std::string name, std::optional<std::int64_t> otherwise = std::nullopt) {
  Param p{std::move(name), Param::Kind::integer, {}, false, {}, {}};
  if (otherwise) p.otherwise = *otherwise;
  return p;
}
inline Param real(std::string name, std::optional<double> otherwise = std::nullopt) {
  Param p{std::move(name), Param::Kind::real, {}, false, {}, {}};
  if (otherwise) p.otherwise = *otherwise;
  return p;
}
inline Param flag(std::string name, bool otherwise = false) {
  return {std::move(name), Param::Kind::boolean, ParamValue(otherwise), false, {}, {}};
}
inline Param choice(std::string name, std::vector<std::string> choices,
                    std::optional<std::string> otherwise = std::nullopt) {
  Param p{std::move(name), Param::Kind::choice, {}, false, std::move(choices), {}};
  if (otherwise) p.otherwise = *otherwise;
  return p;
}
inline Param dtype(std::string name, std::optional<std::string> otherwise = std::nullopt) {
  Param p{std::move(name), Param::Kind::dtype, {}, false, {}, {}};
  if (otherwise) p.otherwise = *otherwise;
  return p;
}
/// A parameter that only a tag says, without a default: a definition may lack it.
inline Param may_be_absent(Param p) {
  p.otherwise.reset(), p.may_be_absent = true;
  return p;
}
/// The model's name as the dataset's tags have it; a definition may lack it.
inline Param model() { return {"model", Param::Kind::text, {}, true, {}, {}}; }
/// A number of the deployment that only a tag holds ("tp"); a definition may lack it.
inline Param deployment(std::string name) {
  return {std::move(name), Param::Kind::integer, {}, true, {}, {}};
}

inline FormAxis var(std::string name, std::string description = "") {
  FormAxis a;
  a.name = std::move(name), a.description = std::move(description);
  return a;
}
/// A constant with the value and the origin of the parameter of this name.
inline FormAxis constant(std::string name, std::string description = "") {
  FormAxis a = var(name, std::move(description));
  a.variable = false, a.param = std::move(name);
  return a;
}
/// A constant with the value and the origin of another parameter.
inline FormAxis constant_of(std::string name, std::string param, std::string description = "") {
  FormAxis a = constant(std::move(name), std::move(description));
  a.param = std::move(param);
  return a;
}
/// A constant that follows from the parameter `from` as `rule` says.
inline FormAxis derived(std::string name, std::string from,
                        std::function<std::int64_t(std::int64_t)> f, std::string rule,
                        std::string description = "") {
  FormAxis a = var(std::move(name), std::move(description));
  a.variable = false, a.rule = std::move(rule), a.param = from;
  a.value = [from = std::move(from), f = std::move(f)](const Params& p) {
    return f(p.integer(from));
  };
  return a;
}
/// A constant of the form itself.
inline FormAxis fixed(std::string name, std::int64_t value, std::string rule,
                      std::string description = "") {
  FormAxis a = var(std::move(name), std::move(description));
  a.variable = false, a.rule = std::move(rule);
  a.value = [value](const Params&) { return value; };
  return a;
}
/// A constant with the value of the parameter of this name, which is a setting of the deployment
/// and held by no module.
inline FormAxis setting(std::string name, std::string description = "") {
  FormAxis a = constant(name, std::move(description));
  a.setting = std::move(name);
  return a;
}

inline FormTensor tensor(std::string name, std::vector<std::string> shape, Text dtype,
                         std::string description = "") {
  FormTensor t;
  t.name = std::move(name), t.shape = std::move(shape), t.dtype = std::move(dtype),
  t.description = std::move(description);
  return t;
}
inline FormTensor scalar(std::string name, Text dtype, std::string description = "") {
  FormTensor t;
  t.name = std::move(name), t.dtype = std::move(dtype), t.description = std::move(description);
  return t;
}

}  // namespace form
}  // namespace kdex
