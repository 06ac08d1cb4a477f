// A family whose constructor, info() or match() throws, by the definition THROW_IN.
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
    return {"throws_in_match", "1", "throws", {}};
  }
  kdex::FamilyResult match(const kdex::ModelView&) const override {
    throw std::runtime_error("no luck in match");
  }
};
}  // namespace
KDEX_FAMILY(Throwing)
