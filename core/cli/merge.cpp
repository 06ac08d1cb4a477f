// kdex merge: several datasets as one.
#include "core/dataset/merge.h"

#include <cstdio>
#include <set>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/cli/arguments.h"
#include "core/pipeline/checkpoints.h"

namespace kdex::cli {

int merge_command(const std::vector<std::string>& arguments) {
  const Command& self = command("merge");
  const auto a = read_arguments(self, arguments,
                                {{.key = "out",
                                  .flag = "out",
                                  .type = Option::Type::path,
                                  .help = "the dataset that is written; it may be there already"}});
  if (!a) return done;
  if (a->rest.empty())
    throw Error("expected datasets", "kdex merge", std::string("for example: ") + self.example);
  if (!a->has("out")) throw Error("needs --out DIR", "kdex merge");
  std::vector<std::string> from;
  for (const auto& path : a->rest) from.push_back(expand_home(path));
  const MergeResult r = merge_datasets(from, expand_home(a->values.text("out")));
  std::set<std::string> names, fresh;
  std::set<std::string> conflicts;
  for (const auto& s : r.saved) {
    names.insert(s.name);
    if (s.is_new) fresh.insert(s.name);
    if (s.status != Saved::Status::conflict || !conflicts.insert(s.name).second) continue;
    std::printf("conflict: %s is kept as %s\n", s.asked.c_str(), s.name.c_str());
    for (const auto& d : s.differences)
      std::printf("  %s\n", printable(difference_text(d)).c_str());
  }
  std::printf("%zu definitions of %zu datasets, %zu of them new; %zu conflicts; %zu other files\n",
              names.size(), from.size(), fresh.size(), conflicts.size(), r.copied);
  for (const auto& e : r.errors) std::fprintf(stderr, "kdex: %s\n", printable(e).c_str());
  return r.errors.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
