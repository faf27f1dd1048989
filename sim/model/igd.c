#include "model/igd.h"

#include "base/address.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define SERVICE "urn:schemas-upnp-org:service:WANIPConnection:1"
#define CONTROL "/ctl/IPConn" /* miniupnpd's */

static void write_call(const struct endpoint *device, const char *action, const char *arguments,
                       char text[IGD_TEXT_SIZE])
{
	char host[ENDPOINT_TEXT_SIZE], body[IGD_TEXT_SIZE / 2];
	struct text b = text_in(body, sizeof body), t = text_in(text, IGD_TEXT_SIZE);

	text_add(&b,
	         "<?xml version=\"1.0\"?>\r\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
	         "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body><u:%s xmlns:u=\"" SERVICE
	         "\">%s</u:%s></s:Body></s:Envelope>\r\n",
	         action, arguments, action);
	text_add(&t,
	         "POST " CONTROL " HTTP/1.1\r\nHost: %s\r\nContent-Type: text/xml\r\nContent-Length: %zu\r\n"
	         "SOAPAction: \"" SERVICE "#%s\"\r\nConnection: close\r\n\r\n%s",
	         endpoint_format(device, host), b.len, action, body);
}

void igd_add_mapping(const struct endpoint *device, uint16_t outside, const struct endpoint *inside, unsigned lease_s,
                     char text[IGD_TEXT_SIZE])
{
	char arguments[512], client[ADDRESS_TEXT_SIZE];

	snprintf(arguments, sizeof arguments,
	         "<NewRemoteHost></NewRemoteHost><NewExternalPort>%u</NewExternalPort><NewProtocol>UDP</NewProtocol>"
	         "<NewInternalPort>%u</NewInternalPort><NewInternalClient>%s</NewInternalClient>"
	         "<NewEnabled>1</NewEnabled><NewPortMappingDescription>punchlab</NewPortMappingDescription>"
	         "<NewLeaseDuration>%u</NewLeaseDuration>",
	         outside, inside->port, address_format(&inside->address, client), lease_s);
	write_call(device, "AddPortMapping", arguments, text);
}

void igd_delete_mapping(const struct endpoint *device, uint16_t outside, const char *protocol, char text[IGD_TEXT_SIZE])
{
	char arguments[256];

	snprintf(arguments, sizeof arguments,
	         "<NewRemoteHost></NewRemoteHost><NewExternalPort>%u</NewExternalPort><NewProtocol>%.3s</NewProtocol>",
	         outside, protocol);
	write_call(device, "DeletePortMapping", arguments, text);
}

void igd_get_address(const struct endpoint *device, char text[IGD_TEXT_SIZE])
{
	write_call(device, "GetExternalIPAddress", "", text);
}

static int read_code(const char *text)
{
	int code = 0;

	for (int i = 0; i < 4 && text[i] >= '0' && text[i] <= '9'; i++)
		code = code * 10 + (text[i] - '0');
	return code;
}

int igd_answer_code(const char *answer)
{
	const char *code = strstr(answer, "<errorCode>");

	if (strncmp(answer, "HTTP/1.", strlen("HTTP/1.")) != 0)
		return -1;
	if (code != NULL)
		return read_code(code + strlen("<errorCode>"));
	if (strlen(answer) <= strlen("HTTP/1.x"))
		return -1;
	return strncmp(answer + strlen("HTTP/1.x"), " 200", 4) == 0 ? 0 : -1;
}

bool igd_answer_is_public(const char *answer)
{
	static const char tag[] = "<NewExternalIPAddress>";
	const char *at = strstr(answer, tag);
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	if (at == NULL)
		return false;
	at += strlen(tag);
	snprintf(text, sizeof text, "%.*s", (int)strcspn(at, "<"), at);
	return address_parse(text, &address) == 0 && address_scope(&address) == ADDRESS_GLOBAL;
}
