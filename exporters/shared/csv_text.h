// CSV as RFC 4180 has it: cells to lines, lines to cells.
#pragma once

#include <string>
#include <vector>

namespace kdex::exporters {

using Cells = std::vector<std::string>;

/// A line with its newline; a cell is quoted where it must be.
std::string csv_line(const Cells& cells);

/// The lines of a text, those that are empty left out. A cell's quotes are taken off.
std::vector<Cells> csv_lines(const std::string& text);

}  // namespace kdex::exporters
