# Links the data folders into <build>/share/kdex, so that the program finds in the build tree what it
# finds installed. The layout under share/kdex is that of the source tree.
file(MAKE_DIRECTORY ${KDEX_SHARE}/core)
function(kdex_link_data from to)
  if(EXISTS ${from})
    get_filename_component(folder ${to} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    if(NOT EXISTS ${to})
      file(CREATE_LINK ${from} ${to} SYMBOLIC)
    endif()
  endif()
endfunction()
foreach(part IN ITEMS core/python/overlay core/engine plugins kernels examples/checkpoints
                      pipelines)
  kdex_link_data(${PROJECT_SOURCE_DIR}/${part} ${KDEX_SHARE}/${part})
endforeach()
# share/ holds what lies at the top of share/kdex.
foreach(part IN ITEMS completions templates python)
  kdex_link_data(${PROJECT_SOURCE_DIR}/share/${part} ${KDEX_SHARE}/${part})
endforeach()
