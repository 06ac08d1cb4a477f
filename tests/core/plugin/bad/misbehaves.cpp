// A library that crashes, exits or hangs while it is loaded, by the definition DEED.
#include <unistd.h>

#include <cstdlib>

#include <kdex/family.h>

namespace {
struct AtLoad {
  AtLoad() {
    if (DEED == 1) std::abort();
    if (DEED == 2) _exit(0);
    if (DEED == 3)
      for (;;) pause();
  }
} at_load;
class Never : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override { return {"never", "1", "is never seen", {}}; }
  kdex::FamilyResult match(const kdex::ModelView&) const override { return {}; }
};
}  // namespace
KDEX_FAMILY(Never)
