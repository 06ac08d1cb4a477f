// Builtin types as tables: what a type file writes down of a type, and the installers of the types
// that everything stands on. The others' installers are in interp.h.
#pragma once

#include <span>

#include "core/python/machine/interp.h"

namespace kdex::py {

/// One attribute of a native type: a method or a property.
struct AttributeDef {
  enum class As : std::uint8_t { method, class_method, static_method, property };
  As as;
  const char* name;
  NativeFn call;           // the method, or what reads the property
  NativeFn set = nullptr;  // of a property; null: it is read-only
  int min = 1, max = 1;    // positional arguments of a method, with self; max -1: any number
  bool keywords = false;   // whether a method takes keyword arguments
};

constexpr AttributeDef method(const char* name, NativeFn call, int min = 1, int max = -1,
                              bool keywords = false) {
  return {AttributeDef::As::method, name, call, nullptr, min, max, keywords};
}
constexpr AttributeDef class_method(const char* name, NativeFn call, int min = 1, int max = -1,
                                    bool keywords = false) {
  return {AttributeDef::As::class_method, name, call, nullptr, min, max, keywords};
}
constexpr AttributeDef static_method(const char* name, NativeFn call, int min = 0, int max = -1,
                                     bool keywords = false) {
  return {AttributeDef::As::static_method, name, call, nullptr, min, max, keywords};
}
constexpr AttributeDef attribute(const char* name, NativeFn get, NativeFn set = nullptr) {
  return {AttributeDef::As::property, name, get, set};
}

/// One function of a native module.
struct FunctionDef {
  const char* name;
  NativeFn call;
  int min, max;  // positional arguments; max -1: any number
  bool keywords = false;
};

constexpr FunctionDef function(const char* name, NativeFn call, int min, int max,
                               bool keywords = false) {
  return {name, call, min, max, keywords};
}

/// Puts a table's functions into a namespace, in order.
void define(Interp& in, Dict* names, std::span<const FunctionDef> table);
/// Puts a table's attributes into a type, in order.
void define(Interp& in, Type* type, std::span<const AttributeDef> table);

// What several of these files use.
Str* attribute_name(Interp& in, V v);  // TypeError where it is no str
V dir_of(Interp& in, const Args& a);   // dir(a[0])
bool is_abstract(Interp& in, V f);     // whether f.__isabstractmethod__ holds
inline V or_none(V v) { return v.is_undef() ? V::none() : v; }
/// Calls a[0] with the rest.
V call_first(Interp& in, const Args& a);

void install_first_types(Interp& in);
void install_object_type(Interp& in);
void install_type_type(Interp& in);
void install_function_type(Interp& in);
void install_builtin_types(Interp& in);
void install_member_type(Interp& in);
void install_method_type(Interp& in);
void install_classmethod_types(Interp& in);
void install_property_type(Interp& in);
void install_super_type(Interp& in);
void install_singleton_types(Interp& in);

}  // namespace kdex::py
