// SPDX-License-Identifier: GPL-2.0
/*
 * vCPUs that run in a restricted context.
 *
 * While the guest runs, and as long afterwards as nobody needs more, the CPU has,
 * besides what every allow-list context has, only what describes this vCPU and its
 * VM, by whole pages: neither user memory nor that of the guest.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "asi.h"
#include "kvm_emulate.h"
#include "lapic.h"
#include "x86.h"

DEFINE_ASI_CLASS(kvm_asi, "kvm", .policy = ASI_ALLOW,
		 .clear_in = ASI_CLEAR_L1D | ASI_CLEAR_BUFFERS,
		 .clear_out = ASI_CLEAR_BRANCHES);

/**
 * kvm_asi_give - let a vCPU reach memory while its guest runs
 * @vcpu: the vCPU
 * @start: the memory; NULL for nothing
 * @size: bytes
 *
 * Context: Process context, sleeps.
 * Return: 0, or an error as of asi_map().
 */
int kvm_asi_give(struct kvm_vcpu *vcpu, const void *start, size_t size)
{
	if (!vcpu->arch.asi || !start)
		return 0;
	return asi_map(vcpu->arch.asi, start, size);
}
EXPORT_SYMBOL_GPL(kvm_asi_give);

/**
 * kvm_asi_give_module - let a vCPU run a module's code while its guest runs
 * @vcpu: the vCPU
 * @module: the module; NULL for what is in the image
 *
 * Context: Process context, sleeps.
 * Return: 0, or an error as of asi_map().
 */
int kvm_asi_give_module(struct kvm_vcpu *vcpu, struct module *module)
{
	if (!vcpu->arch.asi || !module)
		return 0;
	return asi_map_module(vcpu->arch.asi, module);
}
EXPORT_SYMBOL_GPL(kvm_asi_give_module);

/* What describes the vCPU and its VM. */
static int give_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_lapic *apic = vcpu->arch.apic;
	const struct {
		const void	*start;
		size_t		size;
	} parts[] = {
		{ vcpu, ksize(vcpu) },
		{ vcpu->kvm, kvm_x86_ops.vm_size },
		{ vcpu->run, PAGE_SIZE },
		{ vcpu->arch.pio_data, PAGE_SIZE },
		{ vcpu->arch.emulate_ctxt, sizeof(*vcpu->arch.emulate_ctxt) },
		{ apic, sizeof(*apic) },
		{ apic ? apic->regs : NULL, PAGE_SIZE },
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(parts); i++)
		ret = kvm_asi_give(vcpu, parts[i].start, parts[i].size);
	return ret;
}

/**
 * kvm_asi_create - make the context of a vCPU
 * @vcpu: the vCPU, whose parts are there
 *
 * Context: Process context, sleeps.
 * Return: 0; -ENOMEM. Where there is no isolation nothing is made.
 */
int kvm_asi_create(struct kvm_vcpu *vcpu)
{
	struct asi *asi;
	int ret;

	if (!asi_is_on())
		return 0;
	asi = asi_create(&kvm_asi);
	if (IS_ERR(asi))
		return PTR_ERR(asi) == -EOPNOTSUPP ? 0 : PTR_ERR(asi);
	vcpu->arch.asi = asi;
	ret = kvm_asi_give_module(vcpu, THIS_MODULE) ?: give_vcpu(vcpu);
	if (ret)
		kvm_asi_destroy(vcpu);
	return ret;
}

/**
 * kvm_asi_destroy - undo kvm_asi_create()
 * @vcpu: the vCPU, none of whose parts is freed yet
 *
 * Context: Process context, sleeps.
 */
void kvm_asi_destroy(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.asi)
		WARN_ON_ONCE(asi_destroy(vcpu->arch.asi));
	vcpu->arch.asi = NULL;
}

/**
 * kvm_asi_attach - the current task is going to run the vCPU
 * @vcpu: the vCPU
 *
 * Context: Process context, sleeps.
 * Return: 0; -ENOMEM.
 */
int kvm_asi_attach(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.asi ? asi_attach(vcpu->arch.asi) : 0;
}

/**
 * kvm_asi_detach - undo kvm_asi_attach()
 * @vcpu: the vCPU
 *
 * Context: Process context of the same task, sleeps.
 */
void kvm_asi_detach(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.asi)
		asi_detach(vcpu->arch.asi);
}

void kvm_asi_init(void)
{
	asi_class_register(&kvm_asi);
}

void kvm_asi_uninit(void)
{
	asi_class_unregister(&kvm_asi);
}
