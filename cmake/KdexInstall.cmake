# What `cmake --install` writes: the program, the plugins, their data, the SDK headers and kdexConfig.cmake.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

if(TARGET kdex)
  install(TARGETS kdex RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
get_property(kdex_families GLOBAL PROPERTY KDEX_FAMILIES)
foreach(family IN LISTS kdex_families)
  if(TARGET kdex_${family})
    install(TARGETS kdex_${family} LIBRARY DESTINATION lib/kdex/plugins)
  endif()
endforeach()

foreach(part IN ITEMS core/python/overlay core/engine kernels examples/checkpoints pipelines)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${part})
    get_filename_component(above ${part} DIRECTORY)
    install(
      DIRECTORY ${PROJECT_SOURCE_DIR}/${part}
      DESTINATION share/kdex/${above}
      PATTERN "*.cpp" EXCLUDE
      PATTERN "*.h" EXCLUDE
      PATTERN "CMakeLists.txt" EXCLUDE
      PATTERN "__pycache__" EXCLUDE)
  endif()
endforeach()
# What was parsed of kdex's own Python files when it was built.
if(TARGET kdex_parsed)
  install(DIRECTORY ${KDEX_SHARE}/parsed DESTINATION share/kdex)
endif()
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/plugins
  DESTINATION share/kdex
  FILES_MATCHING
  PATTERN "*.py"
  PATTERN "*.py.in"
  PATTERN "README.md"
  PATTERN "__pycache__" EXCLUDE)

# Templates of `kdex new-family`, and what tests of families import.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/share/ DESTINATION share/kdex PATTERN "__pycache__" EXCLUDE)

# The SDK: <kdex/...>.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/kdex ${CMAKE_BINARY_DIR}/include/kdex
        DESTINATION include)
if(TARGET kdex_sdk)
  target_include_directories(kdex_sdk INTERFACE $<INSTALL_INTERFACE:include>)
  install(TARGETS kdex_sdk EXPORT kdexTargets)
  install(EXPORT kdexTargets NAMESPACE kdex:: DESTINATION lib/cmake/kdex)
  install(FILES ${PROJECT_SOURCE_DIR}/core/plugin/KdexPlugin.cmake DESTINATION lib/cmake/kdex)
  configure_package_config_file(cmake/kdexConfig.cmake.in ${CMAKE_BINARY_DIR}/kdexConfig.cmake
                                INSTALL_DESTINATION lib/cmake/kdex)
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/kdexConfigVersion.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/kdexConfig.cmake ${CMAKE_BINARY_DIR}/kdexConfigVersion.cmake
          DESTINATION lib/cmake/kdex)
endif()
