// export-tuned-files: the names of the files that SGLang's and vLLM's Triton kernels look for their
// tuned settings in, `E=,N=,device_name=,dtype=` of fused experts and `N=,K=,device_name=,dtype=`
// of block-scaled products; and a folder of such files, or a list of names, held against them.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include <kdex/error.h>

#include "exporters/shared/table_stage.h"

namespace kdex::exporters {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// The numbers that a name tells, and what it says of values and their blocks.
struct TunedName {
  Kind kind = Kind::experts;
  Sizes sizes;
  std::string dtype;  ///< "fp8_w8a8"; "" where the values have 16 bits
  bool blocks = false;
};

/// Nothing where the kernel has no such file.
bool name_of(const Kernel& k, TunedName& out) {
  const bool quantized = k.values == "fp8_block" || k.values == "fp8_tensor";
  if (k.kind == Kind::experts) {
    if (!quantized && k.values != "bfloat16" && k.values != "float16") return false;
    out = {k.kind, {{"E", k.size("E")}, {"N", k.size("intermediate")}}};
  } else if (k.kind == Kind::product && k.values == "fp8_block") {
    out = {k.kind, {{"N", k.size("N")}, {"K", k.size("K")}}};
  } else {
    return false;
  }
  out.dtype = quantized ? "fp8_w8a8" : "";
  out.blocks = k.values == "fp8_block";
  return true;
}

/// SGLang writes a block's shape as Python prints a list, vLLM without the space.
std::string file_name(const TunedName& name, const std::string& device, bool spaces) {
  std::string out;
  for (const auto& [key, value] : name.sizes) out += key + "=" + std::to_string(value) + ",";
  out += "device_name=" + device;
  if (!name.dtype.empty()) out += ",dtype=" + name.dtype;
  if (name.blocks) out += spaces ? ",block_shape=[128, 128]" : ",block_shape=[128,128]";
  return out + ".json";
}

/// A row of a file's name; false where it is another file.
bool read_name(const std::string& name, const std::string& device, Row& row) {
  static const std::regex form(
      R"((E|N)=(\d+),(N|K)=(\d+),device_name=([^,]*?)(,dtype=[^,]*)?(,.*|_down)?\.json)");
  std::smatch m;
  if (!std::regex_match(name, m, form)) return false;
  std::string of = m[5];
  if (!device.empty() && of != device) return false;
  row = {};
  row.kind = m[1] == "E" ? Kind::experts : Kind::product;
  for (const int at : {1, 3}) {
    std::int64_t n = 0;
    const std::string digits = m[static_cast<std::size_t>(at) + 1];
    std::from_chars(digits.data(), digits.data() + digits.size(), n);
    row.sizes.emplace_back(m[static_cast<std::size_t>(at)], n);
  }
  row.section = m[6].length() > 0 ? m[6].str().substr(7) : "";
  return true;
}

class TunedFiles : public TableStage {
 protected:
  std::string form() const override { return "tuned-files"; }
  std::string summary() const override {
    return "write the names of SGLang's and vLLM's files of tuned Triton settings";
  }
  std::vector<Option> own_options() const override {
    return {
        {.key = "devices",
         .type = Option::Type::texts,
         .default_value = "NVIDIA_H200",
         .help = "device_name as torch gives it, with _ for spaces; of a table: those of these"},
        {.key = "spaces",
         .type = Option::Type::boolean,
         .default_value = "true",
         .help = "block_shape=[128, 128] as SGLang writes it; false: [128,128] as vLLM does"}};
  }
  void write(const StageContext& context, const std::vector<Kernel>& kernels,
             StageResult& result) const override {
    Json out = Json::object();
    for (const auto& device : context.options.texts("devices"))
      for (const auto& k : kernels) {
        TunedName name;
        if (!name_of(k, name)) continue;
        Json& users = out[file_name(name, device, context.options.boolean("spaces"))];
        const std::string user = k.checkpoint + " " + k.deployment;
        if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
      }
    if (out.empty()) {
      result.errors.push_back("the dataset has neither experts nor block-scaled products");
      return;
    }
    result.files.push_back({"exports/tuned-files/names.json", out.dump(2) + "\n"});
  }
  bool reads() const override { return true; }
  Table read(const std::string& path, const StageContext& context) const override {
    Table out;
    const auto devices = context.options.texts("devices");
    bool any = false;
    for (const auto& name : names_in(path)) {
      Row row;
      any = read_name(name, "", row) || any;
      for (const auto& device : devices)
        if (read_name(name, device, row)) add_row(out.rows, row);
    }
    if (!any) throw Error("has no file named E=...,N=...,device_name=... or N=...,K=...", path);
    if (out.rows.empty())
      throw Error("has no file of the device " + devices[0], path, "give --devices NAME");
    return out;
  }
  std::vector<Row> rows(const std::vector<Kernel>& kernels, const StageContext&) const override {
    std::vector<Row> out;
    for (const auto& k : kernels) {
      TunedName name;
      if (!name_of(k, name)) continue;
      Row row = product_row(k);
      row.sizes = name.sizes;
      add_row(out, std::move(row));
    }
    return out;
  }

 private:
  /// Of the files below a folder, or of the lines of a file.
  static std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> out;
    std::error_code error;
    if (fs::is_directory(path, error)) {
      for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
           it.increment(error))
        out.push_back(it->path().filename().string());
      std::sort(out.begin(), out.end());
      return out;
    }
    std::istringstream lines(text_of_file(path));
    for (std::string line; std::getline(lines, line);) out.push_back(line);
    return out;
  }
};

}  // namespace
}  // namespace kdex::exporters

KDEX_STAGE(kdex::exporters::TunedFiles)
