// A family whose constructor, info() or forms() throws, by the definition THROW_IN.
#include <stdexcept>

#include <kdex/family.h>

namespace {
class Throwing : public kdex::Family {
 public:
  Throwing() {
    if (THROW_IN == 1) throw std::runtime_error("no luck in the constructor");
  }
  kdex::FamilyInfo info() const override {
    if (THROW_IN == 2) throw std::runtime_error("no luck in info");
    return {"throws", "1", "throws", {}};
  }
  const std::vector<kdex::Form>& forms() const override {
    if (THROW_IN == 3) throw std::runtime_error("no luck in forms");
    return kdex::Family::forms();
  }
  kdex::FamilyResult match(const kdex::ModelView&) const override { return {}; }
};
}  // namespace
KDEX_FAMILY(Throwing)
