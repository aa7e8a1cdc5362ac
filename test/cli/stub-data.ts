/** The agents, servers and objects of the stub, from the samples of the guides. */
export interface StubAgent {
  readonly entity_id: string;
  readonly product: string;
  readonly managing_server_id: string;
  readonly ad_domain: string;
  readonly folder_path: string;
  readonly ip_address_list: string;
  readonly mac_address_list: string;
  readonly host_name: string;
  isolation_status: string;
  readonly capabilities: readonly string[];
  readonly connection_status?: string;
  /** The status it is changing to, and after how many polls. Never sent. */
  pending?: { goal: string; looks: number };
}

export interface StubObject {
  readonly type: string;
  readonly content: string;
  readonly notes: string;
  readonly scan_action: string;
  readonly expiration_utc_date: string | null;
}

const all = ['cmd_restore_isolated_agent', 'cmd_isolate_agent', 'cmd_relocate_agent', 'cmd_uninstall_agent'];

export function agents(): StubAgent[] {
  return [
    {
      entity_id: '492E8584-0114-694D-BF9D-44CC20141501',
      product: 'SLF_PRODUCT_OFFICESCAN_CE',
      managing_server_id: '33111111-1111-AAAA-AAAA-111100000001',
      ad_domain: '',
      folder_path: 'DOMAIN',
      ip_address_list: '10.1.1.1',
      mac_address_list: '00-60-59-A4-70-2D',
      host_name: 'client01',
      isolation_status: 'normal',
      capabilities: all,
      connection_status: 'Online',
    },
    {
      entity_id: '8a1a84550462-40bc9afc-3770-16ac-cd6c',
      product: 'SLF_PRODUCT_OFFICESCAN_CE',
      managing_server_id: '026332F39EBC-41C19604-02DD-2C5F-EDE5',
      ad_domain: '',
      folder_path: 'Workgroup',
      ip_address_list: '192.168.121.132,fe80::1',
      mac_address_list: '00-0C-29-9B-AB-65',
      host_name: 'OSCECLIENT',
      isolation_status: 'normal',
      capabilities: all,
    },
    {
      entity_id: '80180123-1059-CCCC-CCCC-111100000010',
      product: 'SLF_PRODUCT_HEADLESS_DSM',
      managing_server_id: '80180123-1059-694D-BF9D-44CC80320001',
      ad_domain: '',
      folder_path: 'iptlab',
      ip_address_list: '100.1.1.10',
      mac_address_list: '00-50-56-A7-69-10',
      host_name: 'host8',
      isolation_status: 'not_supported',
      capabilities: [],
    },
  ];
}

export function servers(): unknown[] {
  return [
    {
      entity_id: '33111111-1111-AAAA-AAAA-111100000001',
      product: 'SLF_PRODUCT_OFFICESCAN_CE',
      ad_domain: '',
      ip_address_list: '10.1.1.100,fe80::2',
      host_name: 'osce-server',
      capabilities: ['cmd_deploy_update_sources'],
    },
    {
      entity_id: '80180123-1059-694D-BF9D-FFFFFFFFFFFF',
      product: 'SLF_PRODUCT_HEADLESS_DSM',
      ad_domain: '',
      ip_address_list: '',
      host_name: '',
      capabilities: [],
    },
  ];
}

export function objects(): StubObject[] {
  return [
    {
      type: 'file',
      content: '601F1889667EFAEBB33B8C12572835DA3F027F78',
      notes: 'Small file for test',
      scan_action: 'log',
      expiration_utc_date: null,
    },
    {
      type: 'ip',
      content: '203.0.113.9',
      notes: 'seen in a campaign',
      scan_action: 'block',
      expiration_utc_date: '2027-01-01T00:00:00',
    },
  ];
}
