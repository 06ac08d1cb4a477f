// A family of an older SDK as that SDK's headers would give it: types of the same names with other
// members, and an ABI string that is an inline variable with default visibility. The dynamic linker
// makes such variables one for the whole process, so this library's string would be that of a
// library loaded before it if that one exported its own.
#include <boost/dll/alias.hpp>
#include <memory>
#include <string>

namespace kdex {
namespace abi {

struct Text {
  char chars[200];
  unsigned long size;
};
inline constexpr Text text = {"kdex-sdk 7; types 0000000000000000", 34};

}  // namespace abi

struct FamilyInfo {
  std::string name;
};

class Family {
 public:
  virtual ~Family() = default;
  virtual FamilyInfo info() const { return {"old"}; }
};

}  // namespace kdex

extern "C" BOOST_SYMBOL_EXPORT const char* const kdex_family_abi;
extern "C" BOOST_SYMBOL_EXPORT const char* const kdex_family_abi = kdex::abi::text.chars;
namespace kdex_family_export {
std::shared_ptr<kdex::Family> create() { return std::make_shared<kdex::Family>(); }
}  // namespace kdex_family_export
BOOST_DLL_ALIAS(kdex_family_export::create, kdex_family_create)
