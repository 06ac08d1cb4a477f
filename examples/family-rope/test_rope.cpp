// Loads the built library as kdex does and runs it on a small module tree; exit 0 where all holds.
#include <boost/dll/import.hpp>
#include <cstdio>
#include <cstring>

#include <kdex/authoring.h>
#include <kdex/form_definition.h>

namespace {
kdex::Value integer(long long i) {
  kdex::Value v;
  v.kind = kdex::Value::Kind::integer;
  v.i = i;
  return v;
}
int failed = 0;
void check(bool ok, const char* what) {
  if (!ok) std::printf("FAILED: %s\n", what), ++failed;
}
}  // namespace

int main(int, char** argv) {
  boost::dll::shared_library library(argv[1]);
  check(
      std::strcmp(library.get<const char* const>(KDEX_FAMILY_ABI_SYMBOL), kdex::abi::string()) == 0,
      "ABI string");
  auto create =
      boost::dll::import_alias<std::shared_ptr<kdex::Family>()>(library, KDEX_FAMILY_CREATE_SYMBOL);
  auto family = create();
  check(family->info().name == "rope", "name");

  kdex::ModuleTree tree;
  tree.ok = true;
  tree.dtype = "bfloat16";
  tree.modules.resize(3);
  auto& rotary = tree.modules[1];
  rotary.path = "layers.0.rotary_emb";
  rotary.mro = {"x.RotaryEmbedding"};
  rotary.parent = 0;
  rotary.attrs = {
      {"head_size", integer(128)}, {"rotary_dim", integer(64)}, {"is_neox_style", integer(1)}};
  auto& attention = tree.modules[2];
  attention.mro = {"x.RadixAttention"};
  attention.parent = 0;
  attention.attrs = {{"tp_q_head_num", integer(32)}, {"tp_k_head_num", integer(8)}};
  kdex::Checkpoint checkpoint{"some/Model", ""};
  kdex::Deployment deployment;
  auto result = family->match({tree, checkpoint, deployment});
  check(result.matches.size() == 1, "one definition");
  if (!result.matches.empty())
    check(kdex::write(*result.matches[0].form, result.matches[0].params).name ==
              "rope_h32_kv8_d128_rd64_neox",
          "its name");
  std::printf("%d passed, %d failed\n", 4 - failed, failed);
  return failed == 0 ? 0 : 1;
}
