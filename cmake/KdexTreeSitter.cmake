# tree-sitter and its Python grammar, from third_party/ (scripts/fetch-grammar.sh puts them there).
unset(KDEX_GRAMMAR CACHE)
set(KDEX_GRAMMAR ${PROJECT_SOURCE_DIR}/third_party/tree-sitter)
set(core ${KDEX_GRAMMAR}/core/lib)
set(python ${KDEX_GRAMMAR}/python)
if(NOT EXISTS ${core}/src/lib.c OR NOT EXISTS ${python}/parser.c)
  message(FATAL_ERROR "tree-sitter is not in ${KDEX_GRAMMAR}; run scripts/fetch-grammar.sh first")
endif()
add_library(kdex_tree_sitter STATIC ${core}/src/lib.c ${python}/parser.c ${python}/scanner.c)
set_target_properties(kdex_tree_sitter PROPERTIES UNITY_BUILD OFF)
target_include_directories(kdex_tree_sitter SYSTEM PUBLIC ${core}/include
                           PRIVATE ${core}/src ${KDEX_GRAMMAR}/headers)
target_compile_definitions(kdex_tree_sitter PRIVATE _DEFAULT_SOURCE _POSIX_C_SOURCE=200112L)
target_compile_options(kdex_tree_sitter PRIVATE -w -std=gnu11)
