// A harmless family whose name is FAMILY_NAME; its match names a module that no tree has.
#include <kdex/family.h>

namespace {
class Named : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override { return {FAMILY_NAME, "1", "a name", {}}; }
  kdex::FamilyResult match(const kdex::ModelView&) const override {
    kdex::FamilyResult r;
    r.matches.push_back({{1000000}, false, "nothing", {}});
    return r;
  }
};
}  // namespace
KDEX_FAMILY(Named)
