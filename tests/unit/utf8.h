/* How wide a character is depends on the locale, which is the whole program's. */
#ifndef UTF8_H
#define UTF8_H

void enter_utf8(void);

/* As it was before. */
void leave_utf8(void);

#endif
