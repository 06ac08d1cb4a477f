// A family of another SDK: right symbols, another ABI string.
#include <boost/dll/alias.hpp>
extern "C" BOOST_SYMBOL_EXPORT const char* const kdex_family_abi;
extern "C" BOOST_SYMBOL_EXPORT const char* const kdex_family_abi = "kdex-sdk 0; of long ago";
namespace bad {
int create() { return 0; }
}  // namespace bad
BOOST_DLL_ALIAS(bad::create, kdex_family_create)
