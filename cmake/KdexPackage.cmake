# What `cpack -G DEB` makes of an installation: a Debian package whose dependencies are those of the
# program's and the plugins' libraries. The program finds its data relative to itself.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kdex)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The authors of kdex")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
    "Kernel definitions from the sources of an LLM serving engine")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Reads the Python sources of SGLang or vLLM and a checkpoint's configuration, works out\n"
    "which GPU kernels the model runs, and writes them as FlashInfer-Bench definitions.")
string(CONCAT CPACK_DEBIAN_PACKAGE_DESCRIPTION ${CPACK_DEBIAN_PACKAGE_DESCRIPTION})
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
include(CPack)
