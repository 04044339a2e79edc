/** What may stand in an element of a domain. */
export interface ElementNames {
  readonly attributes: ReadonlySet<string>;
  readonly children: ReadonlySet<string>;
}

/**
 * The names of libvirt's domain format: each element that has something in it, its attributes (`@`), its children.
 * An element that stands in several places has the names of all of them. (https://libvirt.org/formatdomain.html of
 * libvirt 12.8; test/libvirt looks for elements of libvirt's schema that miss here)
 */
const TABLE = `
acceleration @accel2d @accel3d @rendernode; access @mode; acpi @index @nodeset table; active_pcr_banks sha1 sha256
sha384 sha512; adapter @managed @name @parent @parent_fabric_wwn @parent_wwnn @parent_wwpn @type @wwnn @wwpn
parentaddr; address @base @bus @controller @cssid @device @devno @domain @function @iobase @irq @multifunction
@port @reg @slot @ssid @target @type @unit @uuid zpci; aia @value; alias @name; alignsize @unit; allocation @mode
@threads; apic @eoi; async-teardown @enabled; audio @driver @dspPolicy @exclusive @id @path @runtimeDir
@serverName @timerPeriod @tryMMap @type input output; audit_control @state; audit_write @state; auth @username
secret; avic @state;
backend @debug @fqdn @hostname @logFile @model @persistent_state @queues @tap @type @version @vhost
active_pcr_banks device encryption log profile protocol source; backenddomain @name; backingStore @index @type
backingStore format source; bandwidth @cache @classID @initiator @target @type @unit @value inbound outbound;
baseBoard entry; bin @start; binary @path @xattr cache lock openfiles sandbox thread_pool; bios @rebootTimeout
@useserial entry; blkiotune device weight; block @unit; block_suspend @state; blockio @discard_granularity
@logical_block_size @physical_block_size; boot @dev @loadparm @order; bootmenu @enable @timeout;
cache @associativity @id @level @mode @policy @size @type @unit line size; cachetune @id @vcpus cache monitor;
capabilities @policy audit_control audit_write block_suspend chown dac_override dac_read_search fowner fsetid
ipc_lock ipc_owner kill lease linux_immutable mac_admin mac_override mknod net_admin net_bind_service
net_broadcast net_raw setfcap setgid setpcap setuid sys_admin sys_boot sys_chroot sys_module sys_nice sys_pacct
sys_ptrace sys_rawio sys_resource sys_time sys_tty_config syslog wake_alarm; catchup @limit @slew @threshold;
ccf-assist @state; cell @cpus @discard @id @memAccess @memory @unit cache distances; cfpc @value; channel @mode
@name @type address alias log protocol source target; chassis entry; chown @state; cid @address @auto; cipher
@hash @mode @name @size @state; clipboard @copypaste; clock @adjustment @basis @offset @start @timezone timer;
coalesce rx; codec @type; config @file; console @tty @type acpi address alias log protocol source target;
controller @index @maxEventChannels @maxGrantFrames @model @ports @type @vectors acpi address alias driver master
model pcihole64 serial target; cookie @name; cookies cookie; cpu @check @deprecated_features @match @migratable
@mode cache feature maxphysaddr model numa topology vendor; cputune cachetune emulator_period emulator_quota
emulatorpin emulatorsched energytune global_period global_quota iothread_period iothread_quota iothreadpin
iothreadsched memorytune period quota shares vcpupin vcpusched; crypto @model @type address alias backend driver;
current @unit; currentMemory @unit;
dac_override @state; dac_read_search @state; dataStore @type format source; defaultiothread @thread_pool_max
@thread_pool_min; device @alias @path path read_bytes_sec read_iops_sec weight write_bytes_sec write_iops_sec;
devices audio channel console controller crypto disk emulator filesystem graphics hostdev hub input interface
iommu lease memballoon memory nvram panic parallel pstore redirdev redirfilter rng serial shmem smartcard sound
tpm video vsock watchdog; direct @state; dirty-ring @size @state; disk @device @model @rawio @sgio @snapshot @type
acpi address alias auth backenddomain backingStore blockio boot driver encryption geometry iotune mirror
privateData product readonly serial shareable source target throttlefilters transient vendor wwn; distances
sibling; domain @id @type blkiotune bootloader bootloader_args clock cpu cputune currentMemory defaultiothread
description devices features genid hwuuid idmap iommufd iothreadids iothreads keywrap launchSecurity maxMemory
memory memoryBacking memtune metadata name numatune on_crash on_lockfailure on_poweroff on_reboot os perf pm
resource seclabel sysinfo throttlegroups title uuid vcpu vcpus; downscript @path; driver @accel @ats @aw_bits
@cache @caching_mode @cmd_per_lun @cmdqv @copy_on_read @detect_zeroes @discard @discard_no_unref @dma_translation
@eim @error_policy @event_idx @format @intremap @io @ioeventfd @iommu @iommufd @iothread @iotlb @max_sectors
@model @name @oas @packed @page_per_vq @passthrough @pciBus @queue @queue_size @queues @rerror_policy @ril @rss
@rss_hash_report @rx_queue_size @ssidsize @tx_queue_size @txmode @type @vgaconf @wrpolicy @xtsup granule guest
host iothreads metadata_cache statistics;
e820_host @state; emsr_bitmap @state; emulatorpin @cpuset; emulatorsched @priority @scheduler; encryption @engine
@format @secret @type cipher ivgen secret; energytune @id @vcpus monitor; entry @file @name; event @enabled @name;
evmcs @state; extended @state;
feature @enabled @name @policy; features acpi aia apic async-teardown capabilities ccf-assist cfpc gic hap hpt htm
hyperv ibs ioapic kvm msrs nested-hv pae pmu privnet ps2 pvspinlock ras sbbc smm tcg viridian virtualization
vmcoreinfo vmport xen; fibrechannel @appid; filesystem @accessmode @dmode @fmode @model @multidevs @type acpi
address alias binary boot driver idmap readonly source space_hard_limit space_soft_limit target; filetransfer
@enable; filterref @filter parameter; firmware feature; format @type metadata_cache; fowner @state; frames @max;
frequencies @state; fsetid @state;
geometry @cyls @heads @secs @trans; gic @version; gid @count @start @target; gl @enable @rendernode; granule @mode
@size @unit; graphics @address @autoport @connected @defaultMode @display @fullscreen @keymap @listen @multiUser
@p2p @passwd @passwdValidTo @port @powerControl @replaceUser @sharePolicy @socket @tlsPort @type @username @wait
@websocket @xauth audio channel clipboard filetransfer gl image jpeg listen mouse playback streaming zlib; guest
@actual @csum @dev @ecn @tso4 @tso6 @ufo;
hap @state; hard_limit @unit; hidden @state; hint-dedicated @state; host @csum @ecn @gso @mrg_rxbuf @name @port
@socket @transport @tso4 @tso6 @ufo; hostdev @display @managed @mode @model @ramfb @rawio @sgio @type acpi address
alias boot driver ip readonly rom route shareable source teaming; hpt @resizing maxpagesize; htm @state; hub @type
address alias; hugepages page; hyperv @mode avic emsr_bitmap evmcs frequencies ipi reenlightenment relaxed reset
runtime spinlocks stimer synic tlbflush vapic vendor_id vpindex xmm_input;
ibs @value; identity @agentsock @group @keyfile @user @username; idmap gid uid; image @compression; inbound
@average @burst @floor @peak; initenv @name; initiator iqn; input @bufferCount @bufferLength @bus @clientName
@connectPorts @dev @exactName @fixedSettings @latency @mixingEngine @model @name @serverName @streamName @tryPoll
@type @voices acpi address alias driver settings source; interconnects bandwidth latency; interface @managed
@trustGuestRxFilters @type acpi address alias backend backenddomain bandwidth boot coalesce downscript driver
filterref guest ip link mac model mtu port portForward rom route script source target teaming tune virtualport
vlan; ioapic @driver; iommu @model acpi address alias driver; iommufd @enabled @fdgroup; iothread @id
@thread_pool_max @thread_pool_min poll queue; iothreadids iothread; iothreadpin @cpuset @iothread; iothreads
iothread; iothreadsched @iothreads @priority @scheduler; iotune group_name read_bytes_sec read_bytes_sec_max
read_bytes_sec_max_length read_iops_sec read_iops_sec_max read_iops_sec_max_length size_iops_sec total_bytes_sec
total_bytes_sec_max total_bytes_sec_max_length total_iops_sec total_iops_sec_max total_iops_sec_max_length
write_bytes_sec write_bytes_sec_max write_bytes_sec_max_length write_iops_sec write_iops_sec_max
write_iops_sec_max_length; ip @address @family @peer @prefix; ipc_lock @state; ipc_owner @state; ipi @state; iqn
@name; ivgen @hash @name;
jpeg @compression;
keywrap cipher; kill @state; knownHosts @path; kvm dirty-ring hidden hint-dedicated poll-control pv-ipi;
label size; latency @cache @initiator @target @type @value; latency-histogram @type bin; launchSecurity @authorKey
@kernelHashes @type @vcek cbitpos dhCert guestVisibleWorkarounds handle hostData idAuth idBlock mrConfigId mrOwner
mrOwnerConfig policy quoteGenerationService reducedPhysBits session; lease @state key lockspace target; line @unit
@value; link @state; linux_immutable @state; listen @address @network @socket @type; loader @format @readonly
@secure @stateless @type; local @address @port; lock @flock @posix; log @append @file;
mac @address @check @currentAddress @type; mac_admin @state; mac_override @state; master @startport; maxMemory
@slots @unit; max_size @unit; maxpagesize @unit; maxphysaddr @bits @limit @mode; memballoon @autodeflate
@freePageReporting @model acpi address alias driver stats; memnode @cellid @mode @nodeset; memory @access @discard
@dumpCore @mode @model @nodeset @placement @unit acpi address alias driver source target uuid; memoryBacking
access allocation discard hugepages locked nosharepages source; memorytune @vcpus monitor node; memtune hard_limit
min_guarantee soft_limit swap_hard_limit; metadata_cache max_size; min_guarantee @unit; mirror @file @format @job
@ready @type backingStore format source; mknod @state; model @blob @device @edid @fallback @heads @name @primary
@ram @type @vendor_id @vgamem @vram @vram64 acceleration resolution; monitor @level @vcpus; mouse @mode; msi
@ioeventfd @vectors; msrs @unknown; mtu @size;
nested-hv @state; net_admin @state; net_bind_service @state; net_broadcast @state; net_raw @state; node @bandwidth
@id; numa cell interconnects; numatune memnode memory; nvram @format @template @templateFormat @type address
source;
oemStrings entry; openfiles @max; os @firmware acpi bios boot bootmenu cmdline dtb firmware init initarg initdir
initenv initgroup initrd inituser kernel loader nvram root shim smbios type varstore; outbound @average @burst
@floor @peak; output @bufferCount @bufferLength @clientName @connectPorts @dev @exactName @fixedSettings @latency
@mixingEngine @name @serverName @streamName @tryPoll @voices settings;
page @nodeset @size @unit; pagesize @unit; panic @model address alias; parallel @tty @type acpi address alias log
protocol source target; parameter @name @value; parameters @instanceid @interfaceid @managerid @profileid @typeid
@typeidversion; parentaddr @unique_id address; passthrough @mode @state; pcihole64 @unit; perf event; playback
@compression; pm suspend-to-disk suspend-to-mem; pmu @state; poll @grow @max @shrink @weight; poll-control @state;
port @isolated; portForward @address @dev @proto range; product @id; profile @name @removeDisabled @source;
protocol @type; ps2 @state; pstore @backend address alias path size; pv-ipi @state; pvspinlock @state;
queue @id; quoteGenerationService @path;
range @end @exclude @start @to; ras @state; rate @bytes @period; readahead @size; reconnect @delay @enabled
@timeout; redirdev @bus @type address alias boot log protocol source; redirfilter usbdev; reenlightenment @state;
relaxed @state; requested @unit; reservations @managed @migration source; reset @state; resolution @x @y; resource
fibrechannel partition; rng @model acpi address alias backend driver rate; rom @bar @enabled @file; route @address
@family @gateway @metric @netmask @prefix; runtime @state; rx frames;
sandbox @mode; sbbc @value; script @path; seclabel @labelskip @model @relabel @type baselabel imagelabel label;
secret @type @usage @uuid; serial @tty @type acpi address alias log protocol source target; server @path; setfcap
@state; setgid @state; setpcap @state; settings @channels @format @frequency; setuid @state; shmem @name @role
acpi address alias model msi server size; sibling @id @value; size @unit @value; slice @offset @size @type; slices
slice; smartcard @mode @type acpi address certificate database log protocol source target; smbios @mode; smm
@state tseg; snapshot @name; soft_limit @unit; sound @model @multichannel @streams acpi address alias audio codec
driver; source @address @append @bridge @channel @connectionid @dev @dir @evdev @fdgroup @file @grab @grabToggle
@guestReset @host @index @macTableManager @managed @master @missing @mode @name @namespace @network @path @pool
@port @portgroup @portgroupid @portid @protocol @query @repeat @service @slave @socket @startupPolicy @switchid
@tls @tlsHostname @type @units @usage @volume @writeFiltering @wwpn adapter address alignsize auth block char
clipboard config cookies dataStore encryption host identity initiator interface ip knownHosts local mouse nodemask
pagesize path pmem privateData product readahead reconnect reservations route seclabel slices snapshot ssl timeout
vendor; space_hard_limit @unit; space_soft_limit @unit; spinlocks @retries @state; ssl @verify; statistic
@interval; statistics latency-histogram statistic; stats @period; stimer @state direct; streaming @mode;
suspend-to-disk @enabled; suspend-to-mem @enabled; swap_hard_limit @unit; synic @state; sys_admin @state; sys_boot
@state; sys_chroot @state; sys_module @state; sys_nice @state; sys_pacct @state; sys_ptrace @state; sys_rawio
@state; sys_resource @state; sys_time @state; sys_tty_config @state; sysinfo @type baseBoard bios chassis entry
oemStrings system; syslog @state; system entry;
table @type; tag @id @nativeMode; target @address @bus @busNr @chassis @chassisNr @dev @dir @dpofua
@dynamicMemslots @hotplug @index @managed @memReserve @name @offset @path @port @removable @rotation_rate @state
@tray @type address block current label model node readonly requested size; tb-cache @unit; tcg tb-cache; teaming
@persistent @type; thread_pool @size; throttlefilter @group; throttlefilters throttlefilter; throttlegroup
group_name read_bytes_sec read_bytes_sec_max read_bytes_sec_max_length read_iops_sec read_iops_sec_max
read_iops_sec_max_length size_iops_sec total_bytes_sec total_bytes_sec_max total_bytes_sec_max_length
total_iops_sec total_iops_sec_max total_iops_sec_max_length write_bytes_sec write_bytes_sec_max
write_bytes_sec_max_length write_iops_sec write_iops_sec_max write_iops_sec_max_length; throttlegroups
throttlegroup; timeout @seconds; timer @frequency @mode @name @present @tickpolicy @track catchup; tlbflush @state
direct extended; topology @clusters @cores @dies @sockets @threads; tpm @model address alias backend; transient
@shareBacking; tseg @unit; tune sndbuf; type @arch @machine;
uid @count @start @target; usbdev @allow @class @product @vendor @version;
vapic @state; varstore @path @template; vcpu @cpuset @current @enabled @hotpluggable @id @order @placement;
vcpupin @cpuset @vcpu; vcpus vcpu; vcpusched @priority @scheduler @vcpus; vendor @id; vendor_id @state @value;
video acpi address alias driver model; virtualport @type parameters; vlan @trunk tag; vmcoreinfo @state; vmport
@state; vpindex @state; vsock @model acpi address alias cid driver;
wake_alarm @state; watchdog @action @model acpi address alias;
xen e820_host passthrough; xmm_input @state;
zlib @compression; zpci @fid @uid;
`;

const NONE: ElementNames = { attributes: new Set(), children: new Set() };

let names: ReadonlyMap<string, ElementNames> | undefined;
let parents: ReadonlyMap<string, readonly string[]> | undefined;

/** What libvirt knows in an element of this name; nothing for a name it does not know. */
export function namesIn(element: string): ElementNames {
  names ??= readTable();
  return names.get(element) ?? NONE;
}

/** In which elements one of this name may stand; none for a name libvirt does not know. */
export function parentsOf(element: string): readonly string[] {
  parents ??= readParents();
  return parents.get(element) ?? [];
}

function readTable(): ReadonlyMap<string, ElementNames> {
  return new Map(
    TABLE.split(';')
      .map((entry) => entry.trim().split(/\s+/))
      .map(([name = '', ...words]) => [
        name,
        {
          attributes: new Set(
            words.filter((word) => word.startsWith('@')).map((word) => word.slice(1)),
          ),
          children: new Set(words.filter((word) => !word.startsWith('@'))),
        },
      ]),
  );
}

function readParents(): ReadonlyMap<string, readonly string[]> {
  names ??= readTable();
  const found = new Map<string, string[]>();
  for (const [parent, { children }] of names) {
    for (const child of children) found.set(child, [...(found.get(child) ?? []), parent]);
  }
  return found;
}
