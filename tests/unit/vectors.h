/* Made by vectors.py: nothing of the programs is in it. */
#ifndef VECTORS_H
#define VECTORS_H

#define VECTOR_TOKEN "000102030405060708090a0b0c0d0e0f"
#define VECTOR_A_IDENTITY "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664"
#define VECTOR_A_EXCHANGE "5869aff450549732cbaaed5e5df9b30a6da31cb0e5742bad5ad4a1a768f1a67b"
#define VECTOR_A_SIGNATURE                                                                                             \
	"97bdaf6419df4cf513a581c9cb706c72c70ea64cda6e4277cfe9fae2d8850b6c927f1fef3b5f282a4d2e9053b2bc8b56a0ef973f1cdc" \
	"49d2d8aa0134b5cbd703"
#define VECTOR_PATH_KEY "2fd4f69dabc1f61e3dc4141f47b3502e00f554f73d436c2abb1fdb38ff953457"
#define VECTOR_A_SENDS "ebe0340117bda7d5ed05365d28710443fea741ef0aa2f7a64bcda968dd180102"
#define VECTOR_B_SENDS "91fcc3fdf8231d98eec4bad97ac793e922bafcb9da2d8b55b0fba9ce893ec5ba"
#define VECTOR_A_NEXT "e054b30cc1480dba6a1ad10ec0e86179f9b593add879f46f21786b179d6ecb9b"
#define VECTOR_SEALED                                                                                                  \
	"5032504302230044010101010101010101010101010101010202020202020202030303030303030300000007000e75ca2099018110fb" \
	"41bda4b59fb127a312e015c2bf4bf61f307b19897a70"

#endif
