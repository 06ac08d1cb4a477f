// export-aiter-csv: the CSV files that aiter's tuners take, shapes to be tuned by kind of product,
// and those of fused experts; and any of aiter's CSV files, tuned or not, held against what is run.
#include <map>

#include <kdex/error.h>

#include "exporters/shared/csv_text.h"
#include "exporters/shared/shape_columns.h"

namespace kdex::exporters {
namespace {

/// aiter's word for what the activations are multiplied by.
std::string torch_dtype(const std::string& dtype) { return "torch." + dtype; }

bool is_sixteen_bit(const std::string& values) {
  return values == "bfloat16" || values == "float16";
}

class AiterCsv : public ShapeColumns {
 protected:
  std::string form() const override { return "aiter-csv"; }
  std::string summary() const override {
    return "write aiter's CSV files of shapes to tune: products by dtype, fused experts";
  }
  std::vector<Option> own_options() const override {
    return {{.key = "tokens",
             .type = Option::Type::integers,
             .default_value = "1,2,4,8,16,32,64,128,256,512,1024,2048,4096,8192",
             .help = "M, or tokens, of each shape"}};
  }
  void write(const StageContext& context, const std::vector<Kernel>& kernels,
             StageResult& result) const override {
    std::map<std::string, std::string> files;  // by name, the lines in the order of the kernels
    std::vector<Kernel> others;
    std::vector<std::string> done;
    for (const auto& k : kernels) {
      const auto [file, head, begin, rest] = form_of(k);
      if (file.empty()) {
        others.push_back(k);
        continue;
      }
      const std::string key = file + begin + rest;
      if (std::find(done.begin(), done.end(), key) != done.end()) continue;
      done.push_back(key);
      std::string& text = files.try_emplace(file, head).first->second;
      for (const auto m : context.options.integers("tokens"))
        text += std::to_string(m) + "," + begin + rest + "\n";
    }
    for (auto& [name, text] : files) result.files.push_back({"exports/aiter/" + name, text});
    if (!others.empty())
      result.notes.push_back(left_out(others, "which these files of aiter do not have"));
  }

 private:
  /// The file of a kernel, its first line, and the line after the tokens; no file: it has none.
  struct Line {
    std::string file, head, begin, rest;
  };

  static Line form_of(const Kernel& k) {
    if (k.kind == Kind::experts) return experts_line(k);
    if (k.kind != Kind::product) return {};
    const std::string nk = std::to_string(k.size("N")) + "," + std::to_string(k.size("K"));
    if (is_sixteen_bit(k.values)) {
      const std::string dtype = torch_dtype(k.values);
      return {"bf16_untuned_gemm.csv", "M,N,K,bias,dtype,outdtype,scaleAB,bpreshuffle\n", nk,
              ",False," + dtype + "," + dtype + ",False,False"};
    }
    if (k.values == "fp8_block") return {"a8w8_blockscale_untuned_gemm.csv", "M,N,K\n", nk, ""};
    if (k.values == "fp8_tensor")
      return {"a8w8_untuned_gemm.csv", "M,N,K,q_dtype_w\n", nk, ",torch.float8_e4m3fn"};
    return {};
  }

  static Line experts_line(const Kernel& k) {
    std::string dtype = "torch.float8_e4m3fn", type = "QuantType.per_1x128";
    if (is_sixteen_bit(k.values))
      dtype = torch_dtype(k.values), type = "QuantType.No";
    else if (k.values == "fp8_tensor")
      type = "QuantType.per_Tensor";
    else if (k.values != "fp8_block")
      return {};
    const std::string& reference = k.definition->definition.reference;
    const bool gelu = reference.find("ACTIVATION = \"gelu") != std::string::npos;
    const std::string output = k.definition->definition.outputs.empty()
                                   ? "bfloat16"
                                   : k.definition->definition.outputs[0].dtype;
    return {"untuned_fmoe.csv",
            "token,model_dim,inter_dim,expert,topk,act_type,dtype,q_dtype_a,q_dtype_w,q_type,"
            "use_g1u1,doweight_stage1\n",
            std::to_string(k.size("hidden")) + "," + std::to_string(k.size("intermediate")) + "," +
                std::to_string(k.size("E")) + "," +
                std::to_string(k.size("top_k") + k.size("shared")),
            std::string(",ActivationType.") + (gelu ? "Gelu" : "Silu") + "," + torch_dtype(output) +
                "," + dtype + "," + dtype + "," + type +
                (k.size("gate_up") == 2 * k.size("intermediate") ? ",1,0" : ",0,0")};
  }
};

}  // namespace
}  // namespace kdex::exporters

KDEX_STAGE(kdex::exporters::AiterCsv)
