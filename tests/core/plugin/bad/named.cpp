// A harmless family whose name is FAMILY_NAME.
#include <kdex/family.h>

namespace {
class Named : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override { return {FAMILY_NAME, "1", "a name", {}}; }
  kdex::FamilyResult match(const kdex::ModelView&) const override { return {}; }
};
}  // namespace
KDEX_FAMILY(Named)
