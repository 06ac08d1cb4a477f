// extract.h's eval_file: a program on the abstract machine, with kdex's own modules.
#include "core/model/extract.h"
#include "core/paths.h"
#include "core/python/machine.h"
#include "core/python/sources.h"

namespace kdex {

int eval_file(const std::string& file, std::string& out, std::string& err, const Limits& limits) {
  return py::run_program(file, py::overlay_folders(data_folder()),
                         {limits.steps, limits.memory_bytes, limits.seconds}, out, err);
}

}  // namespace kdex
