// JSON forms of Definition: the official dataset's key order, two spaces of indent, the same bytes
// always.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include <kdex/definition.h>

namespace kdex {

/// The file's text, with a newline at the end. Throws kdex::Error where a string is not UTF-8.
std::string definition_to_json(const Definition& definition);

/// Reads what definition_to_json (or the official dataset) wrote; unknown fields are left out.
/// `where` names the file in errors. Throws kdex::Error with the field and what was expected.
Definition definition_from_json(const std::string& text, const std::string& where);

/// Any JSON value in the dataset's style: two spaces, UTF-8 as it is, a newline at the end.
std::string dump_json(const nlohmann::ordered_json& json);

/// Parses JSON text; one clear line with line and column where it is none. Nesting over 200 is
/// refused.
nlohmann::ordered_json parse_json(const std::string& text, const std::string& where);

}  // namespace kdex
